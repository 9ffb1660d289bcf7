// As much of XML as EC2 answers with: elements and text, no attributes but the root's.

export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

export function parseXml(document: string): XmlElement {
  const root: XmlElement = { name: "", children: [], text: "" };
  const open = [root];
  for (const [, declaration, closing, name = "", isEmpty, text = ""] of document.matchAll(
    /(<\?[^>]*\?>)|<(\/?)([A-Za-z][\w.-]*)[^>]*?(\/?)>|([^<]+)/g,
  )) {
    const top = open.at(-1) as XmlElement;
    if (declaration !== undefined) continue;
    if (name === "") top.text += decoded(text);
    else if (closing === "/") {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
    } else {
      const element: XmlElement = { name, children: [], text: "" };
      top.children.push(element);
      if (isEmpty !== "/") open.push(element);
    }
  }
  const [first] = root.children;
  if (open.length !== 1 || first === undefined) throw new Error("an element is never closed");
  return first;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(/&(#\d+|[a-z]+);/g, (_, name: string) =>
    name.startsWith("#") ? String.fromCodePoint(Number(name.slice(1))) : (entities[name] ?? ""),
  );
}
