// A form with data-confirm asks its question in a dialog of the page before it is sent.

export function confirmSubmits() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(form.dataset.confirm, event.submitter?.textContent.trim())) {
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    }
  }, { capture: true });
}

function ask(question, answer) {
  const template = document.getElementById("confirm-dialog");
  const dialog = template.content.firstElementChild.cloneNode(true);
  dialog.querySelector("[data-question]").textContent = question;
  if (answer) dialog.querySelector("[data-answer]").textContent = answer;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
