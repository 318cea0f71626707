// Buttons that open, close and copy; menus that close when one clicks beside them.

export function answerClicks() {
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    const opener = event.target.closest("[data-dialog]");
    if (opener) return document.getElementById(opener.dataset.dialog)?.showModal();
    const closer = event.target.closest("[data-close]");
    if (closer) return close(closer);
    const copier = event.target.closest("[data-copy]");
    if (copier) return copy(copier);
    if (event.target.matches("dialog.dialog")) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(document.body);
  });
}

function closeMenus(target) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

function close(button) {
  const dialog = button.closest("dialog");
  if (dialog) dialog.close();
  else button.closest(".alert")?.remove();
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.querySelector("span");
  const before = words.textContent;
  words.textContent = button.dataset.done;
  setTimeout(() => { words.textContent = before; }, 2000);
}
