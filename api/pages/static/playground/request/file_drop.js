// Files that are dropped anywhere on the page. Without this the browser would leave the page and open the file, and the
// editor would insert its text.

/**
 * @param {(files: File[]) => void} onFiles Called with the dropped files.
 */
export function acceptDrops(onFiles) {
  const { body } = document;
  const mark = (event, dragged) => {
    if (!event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    event.stopPropagation();
    body.classList.toggle("dropping", dragged);
    return true;
  };
  // The capture phase comes before the editor's own listeners.
  document.addEventListener("dragover", (event) => mark(event, true), true);
  document.addEventListener("dragleave", (event) => event.relatedTarget || mark(event, false), true);
  document.addEventListener("drop", (event) => mark(event, false) && onFiles([...(event.dataTransfer?.files ?? [])]), true);
}
