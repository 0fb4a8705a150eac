// SPDX-License-Identifier: MIT
// What is to be seen, as a tree of plain values, and making the document show it. Whatever stays the same is not
// touched: focus, scrolling, open menus and what somebody is typing survive a redraw.

const SVG = "http://www.w3.org/2000/svg";
// What the person at the page changes, too: these are written when the tree asks for something new, not each time.
const PROPERTIES = new Set(["value", "checked", "selected", "disabled", "open", "indeterminate"]);

// h("a", {href: "…", class: "…", onclick: f, key: id}, "text", h(…), […], null). `key` says which one of many it is;
// `ref` is called with the element when it has been made.
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children: flat(children) };
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === "object" ? child : String(child)));
}

// Makes the children of `container` be these.
export function render(container, ...children) {
  patchChildren(container, flat(children));
}

function patchChildren(parent, wanted) {
  const before = parent.$shown ?? [];
  const free = new Set(before);
  const keyed = new Map(before.filter(({ node }) => node.props?.key !== undefined)
    .map((shown) => [shown.node.props.key, shown]));
  const unkeyed = before.filter(({ node }) => node.props?.key === undefined);
  const shown = wanted.map((node) => {
    const key = node.props?.key;
    const old = key === undefined ? unkeyed.find((one) => free.has(one) && isLike(one.node, node)) : keyed.get(key);
    if (!old || !free.has(old) || !isLike(old.node, node)) return { node, element: make(parent, node) };
    free.delete(old);
    patch(old, node);
    return { node, element: old.element };
  });
  for (const { element } of free) element.remove();
  shown.forEach(({ element }, place) => {
    if (parent.childNodes[place] !== element) parent.insertBefore(element, parent.childNodes[place] ?? null);
  });
  parent.$shown = shown;
}

function isLike(one, other) {
  return typeof one === "string" ? typeof other === "string" : one.tag === other.tag;
}

function make(parent, node) {
  if (typeof node === "string") return document.createTextNode(node);
  const isSvg = node.tag === "svg" || (parent.namespaceURI === SVG && parent.tagName !== "foreignObject");
  const element = isSvg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  patchChildren(element, node.children); // a select's value needs its options
  setProps(element, {}, node.props);
  node.props.ref?.(element);
  return element;
}

// Who keeps a tree and gives the same one again, says with it that nothing in it has changed.
function patch({ element, node: old }, node) {
  if (old === node) return;
  if (typeof node === "string") {
    if (old !== node) element.data = node;
    return;
  }
  patchChildren(element, node.children);
  setProps(element, old.props, node.props);
}

function setProps(element, old, props) {
  for (const name of new Set([...Object.keys(old), ...Object.keys(props)])) {
    if (old[name] !== props[name] && name !== "key" && name !== "ref") setProp(element, name, props[name]);
  }
}

function setProp(element, name, value) {
  if (name.startsWith("on")) element[name] = value ?? null;
  else if (PROPERTIES.has(name) && name in element) element[name] = value ?? (name === "value" ? "" : false);
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}
