// Adds attributes that keyboards and screen readers need and Swagger UI lacks: names, levels of headings, and a focus for
// parts that scroll.

/** Attributes that elements of Swagger UI should have, by selector. */
const REPAIRS = [
  // The page has a heading of level 1. Inside a group come the calls, inside a call its parts.
  [".info hgroup .title", { "aria-level": "2" }],
  ["h3.opblock-tag", { "aria-level": "2" }],
  [".opblock-body h4", { "aria-level": "3" }],
  [".opblock-body h5", { "aria-level": "4" }],
  ["textarea.body-param__text", { "aria-label": "Body of the request" }],
  ["textarea.curl", { "aria-label": "Command" }],
  [".examples-select-element", { "aria-label": "Example" }],
  [".copy-to-clipboard > button", { "aria-label": "Copy" }],
  ["pre.microlight, pre.curl, .renderedMarkdown pre", { tabindex: "0" }],
  [".table-container, .responses-inner", { tabindex: "0" }],
  // Swagger UI opens every link of a text in another tab.
  [".renderedMarkdown a", { target: null }],
];

/**
 * Add the missing attributes below an element, now and after each change by Swagger UI.
 *
 * @param {HTMLElement} root
 */
export function repair(root) {
  const apply = () => {
    for (const [selector, attributes] of REPAIRS) {
      for (const found of root.querySelectorAll(/** @type {string} */ (selector))) setAll(found, attributes);
    }
  };
  new MutationObserver(apply).observe(root, { childList: true, subtree: true });
  apply();
}

function setAll(found, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) found.removeAttribute(name);
    else if (found.getAttribute(name) !== value) found.setAttribute(name, value);
  }
}
