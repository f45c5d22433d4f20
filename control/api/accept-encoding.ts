/**
 * Whether an `Accept-Encoding` header allows a coding: it is named, or `*` is, without a quality of 0 (RFC 9110,
 * 12.5.3). Browsers state no preferences among codings, so finer weights are not looked at.
 */
export function acceptsCoding(header: string | undefined, coding: string): boolean {
  const offers = (header ?? "").split(",").map((part) => {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    return { name, refused: parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) };
  });
  const offer = offers.find(({ name }) => name === coding) ?? offers.find(({ name }) => name === "*");
  return offer !== undefined && !offer.refused;
}
