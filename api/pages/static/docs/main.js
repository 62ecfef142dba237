// The page of the API: Swagger UI with the OpenAPI document of this service.

import { byId } from "../common/dom.js";
import { initTheme } from "../common/theme.js";
import { repair } from "./repairs.js";

/** The address of the service in the examples of the document. */
const EXAMPLE_ADDRESS = "http://127.0.0.1:8080";

initTheme();
followTheme();
show().catch((error) => {
  byId("status").textContent = "The description of the API cannot be loaded. Reload the page to try again.";
  throw error;
});

/** Load the document, and let Swagger UI show it. */
async function show() {
  const response = await fetch("openapi.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`openapi.json: status ${response.status}`);
  const spec = adapt(await response.text());
  const { SwaggerUIBundle } = /** @type {any} */ (globalThis);
  const ui = SwaggerUIBundle({
    spec,
    domNode: byId("swagger-ui"),
    // StandaloneLayout has a bar that loads other documents.
    layout: "BaseLayout",
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    defaultModelExpandDepth: 3,
    displayRequestDuration: true,
    syntaxHighlight: false,
    // Otherwise Swagger UI sends the document to a validator on the internet.
    validatorUrl: null,
    onComplete: () => {
      byId("status").remove();
      repair(byId("swagger-ui"));
      const openLinked = () => openCall(ui, location.hash);
      addEventListener("hashchange", openLinked);
      openLinked();
    },
  });
}

/**
 * Return the document with the address that this page came from, and without keys where the service has none.
 *
 * @param {string} text The document as JSON.
 * @returns {any}
 */
function adapt(text) {
  const base = new URL("./", location.href);
  const address = base.href.replace(/\/$/, "");
  const spec = JSON.parse(text.replaceAll(EXAMPLE_ADDRESS, address));
  // Swagger UI sends requests to the root of the host unless the document names another server. A proxy may have the
  // service below a prefix.
  if (base.pathname !== "/") spec.servers = [{ url: address }];
  const calls = Object.values(spec.paths).flatMap((path) => Object.values(path));
  if (!calls.some((call) => call.security)) delete spec.components.securitySchemes;
  return spec;
}

/**
 * Open the call that a link names, such as `#/Run/execute`, and scroll to it.
 *
 * Swagger UI's own `deepLinking` would put a link into each button that opens a call, where no keyboard reaches it.
 *
 * @param {any} ui
 * @param {string} hash
 */
function openCall(ui, hash) {
  const [, tag, id] = /^#\/(\w+)\/(\w+)$/.exec(hash) ?? [];
  const call = document.getElementById(`operations-${tag}-${id}`);
  if (!call) return;
  ui.layoutActions.show(["operations-tag", tag], true);
  ui.layoutActions.show(["operations", tag, id], true);
  call.scrollIntoView();
  call.querySelector("button")?.focus();
}

/** Give Swagger UI's styles the theme of the page. They know it by a class. */
function followTheme() {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  dark.addEventListener("change", apply);
  new MutationObserver(apply).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  apply();
}
