/** Roving focus for rows: Tab reaches one of them, arrows, Home and End move on, Enter and Space press. */

/** For `{@attach}` on the parent of the rows. */
export function roving(selector: string): (parent: HTMLElement) => () => void {
  return (parent) => {
    const rows = (): HTMLElement[] => [...parent.querySelectorAll<HTMLElement>(selector)];
    let current: HTMLElement | undefined;

    const settle = (): void => {
      const all = rows();
      if (!current || !all.includes(current)) current = all[0];
      for (const row of all) row.tabIndex = row === current ? 0 : -1;
    };
    const focus = (row: HTMLElement | undefined): void => {
      if (!row) return;
      current = row;
      settle();
      row.focus();
    };
    const keydown = (event: KeyboardEvent): void => {
      const row = (event.target as Element).closest<HTMLElement>(selector);
      if (!row) return;
      const all = rows();
      const at = all.indexOf(row);
      if (event.key === "ArrowDown") focus(all[at + 1]);
      else if (event.key === "ArrowUp") focus(all[at - 1]);
      else if (event.key === "Home") focus(all[0]);
      else if (event.key === "End") focus(all[all.length - 1]);
      else if ((event.key === "Enter" || event.key === " ") && event.target === row) row.click();
      else return;
      event.preventDefault();
    };
    const focusin = (event: FocusEvent): void => {
      const row = (event.target as Element).closest<HTMLElement>(selector);
      if (row && row !== current) {
        current = row;
        settle();
      }
    };

    settle();
    const observer = new MutationObserver(settle);
    observer.observe(parent, { childList: true });
    parent.addEventListener("keydown", keydown);
    parent.addEventListener("focusin", focusin);
    return () => {
      observer.disconnect();
      parent.removeEventListener("keydown", keydown);
      parent.removeEventListener("focusin", focusin);
    };
  };
}
