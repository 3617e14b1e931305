// Which parts of a document can be scrolled to the side: run inside of a page.

/** @returns the tags of what moved, `html` for the document itself */
export function scrolledSideways(): string[] {
  const moves = (element: Element) => {
    element.scrollLeft = 10_000;
    const moved = element.scrollLeft > 0;
    element.scrollLeft = 0;
    return moved;
  };
  const scrolls = (element: Element) =>
    element === document.scrollingElement ||
    element === document.body ||
    ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  return [...document.querySelectorAll("*")]
    .filter((element) => scrolls(element) && moves(element))
    .map(({ localName }) => localName);
}
