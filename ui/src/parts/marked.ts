/** Whether some of an element's text is marked, as for copying it by the reader's own key. */
export function isMarked(element: Node): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}
