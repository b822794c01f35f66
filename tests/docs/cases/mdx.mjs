// Writes tests/docs/cases/mdx.json anew: what the compiler of MDX sees of each small page, in the form of docs/plugins/executable_pages/testing/outline.py.
//
//   npm install @mdx-js/mdx@3.1.1 remark-gfm@4.0.1 remark-frontmatter@5.0.0     (in a directory of its own, with a copy of this file)
//   node mdx.mjs path/to/tests/docs/cases            (or a single page, which is printed)
import { createProcessor } from "@mdx-js/mdx";
import fs from "node:fs";
import path from "node:path";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";

const COMPILER = "@mdx-js/mdx 3.1.1 with remark-gfm 4.0.1 and remark-frontmatter 5.0.0";
let definitions = {};
const defined = (node) => definitions[node.identifier];
const folded = (text) => text.replace(/[ \t\n]+/g, " ");

function inside(node) {
  const found = [];
  for (const child of node.children ?? [])
    for (const each of outline(child)) {
      const last = found[found.length - 1];
      if (each[0] === "text" && last?.[0] === "text") last[1] += each[1];
      else found.push(each);
    }
  return found
    .map((each) => (each[0] === "text" ? ["text", folded(each[1])] : each))
    .filter((each) => each[0] !== "text" || each[1].trim());
}

function row(node) {
  const cells = node.children.map(inside);
  while (cells.length && !cells[cells.length - 1].length) cells.pop();
  return cells;
}

// Braces hold a comment, a text in quotes, or something that only JavaScript knows.
function braces(node) {
  const body = node.data?.estree?.body?.[0];
  if (!body) return [["comment"]];
  const value = body.expression?.value;
  return [typeof value === "string" ? ["text", value] : ["expression"]];
}

function outline(node) {
  switch (node.type) {
    case "text": return [["text", node.value]];
    case "inlineCode": return [["code", folded(node.value)]];
    case "heading": return [["heading", node.depth, inside(node)]];
    case "paragraph": return [["paragraph", inside(node)]];
    case "blockquote": return [["quote", inside(node)]];
    case "list": return [["list", node.ordered ? node.start : null, inside(node)]];
    case "listItem": return [["item", node.checked, inside(node)]];
    case "code": return [["block", node.lang ?? "", node.meta ?? "", node.value]];
    case "thematicBreak": return [["rule"]];
    // What a row has more than the head is shown nowhere.
    case "table": return [["table", node.children.map((each) => row(each).slice(0, node.children[0].children.length))]];
    case "break": return [["break"]];
    case "emphasis": return [["em", inside(node)]];
    case "strong": return [["strong", inside(node)]];
    case "delete": return [["del", inside(node)]];
    case "link": return [["link", node.url, node.title ?? "", inside(node)]];
    case "image": return [["image", node.url, node.title ?? "", node.alt ?? ""]];
    // A link that names its address elsewhere is a link.
    case "linkReference": return [["link", defined(node).url, defined(node).title ?? "", inside(node)]];
    case "imageReference": return [["image", defined(node).url, defined(node).title ?? "", node.alt ?? ""]];
    case "definition": return [];
    case "footnoteReference": case "footnoteDefinition": return [[node.type, node.identifier, inside(node)]];
    case "mdxJsxFlowElement": case "mdxJsxTextElement":
      return [["component", node.name ?? "", node.attributes.map((each) => each.name ?? "...").sort(), inside(node)]];
    case "mdxFlowExpression": case "mdxTextExpression": return braces(node);
    case "mdxjsEsm": return [["module"]];
    case "yaml": case "toml": return [];
    default: throw new Error(`no outline of ${node.type}`);
  }
}

const written = (value) =>
  Array.isArray(value)
    ? `[${value.map(written).join(", ")}]`
    : JSON.stringify(value).replace(/[\x7f-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

function read(file) {
  // Lines end as git has them on any system.
  const text = fs.readFileSync(file, "utf8").replace(/\r\n?/g, "\n");
  let tree;
  const keep = () => (found) => { tree = found; };
  try {
    const processor = createProcessor({ remarkPlugins: [remarkFrontmatter, remarkGfm, () => keep()] });
    // The whole compiler has to take it, and what it sees is after its own step on paragraphs.
    processor.processSync({ value: text, path: file });
  } catch (error) {
    if (process.argv[3] === "why") console.error(String(error.message));
    return null;
  }
  definitions = {};
  const collect = (node) => {
    if (node.type === "definition") definitions[node.identifier] ??= node;
    (node.children ?? []).forEach(collect);
  };
  collect(tree);
  return inside(tree);
}

const [, , given] = process.argv;
if (fs.statSync(given).isDirectory()) {
  const target = path.join(given, "mdx.json");
  const before = fs.existsSync(target) ? JSON.parse(fs.readFileSync(target, "utf8")).pages : {};
  const kinds = new Set(Object.keys(before).map((name) => name.split("/")[0]));
  const pages = [...kinds].sort().flatMap((kind) =>
    fs.readdirSync(path.join(given, kind)).filter((name) => name.endsWith(".md")).sort().map((name) => `${kind}/${name}`));
  const lines = pages.map((name) => `  ${JSON.stringify(name)}: ${written(read(path.join(given, name)))}`);
  fs.writeFileSync(target, `{\n "compiler": ${JSON.stringify(COMPILER)},\n "pages": {\n${lines.join(",\n")}\n }\n}\n`);
} else console.log(JSON.stringify(read(given), null, 1));
