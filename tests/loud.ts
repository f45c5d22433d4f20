/**
 * Makes a `before` hook say why it failed: uvu swallows what such a hook throws and only reports that no test ran.
 *
 *     test.before(loud(async (context) => { ... }));
 */
export function loud<T>(hook: (context: T) => Promise<void>): (context: T) => Promise<void> {
  return async (context) => {
    try {
      await hook(context);
    } catch (error) {
      process.stderr.write("Preparing the tests failed: ");
      console.error(error);
      throw error;
    }
  };
}
