// The card on the payment page: the provider's script takes its number, we get a token.
/* global Stripe */

const form = document.getElementById("card-form");
const error = document.getElementById("card-error");

function say(message) {
  error.textContent = message ?? "";
  error.hidden = !message;
}

function takeCard() {
  const stripe = Stripe(form.dataset.key);
  const card = stripe.elements().create("card");
  card.mount("#card");
  form.addEventListener("submit", async (event) => {
    if (form.card_token.value) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    say();
    const { token, error: refusal } = await stripe.createToken(card);
    button.disabled = false;
    if (refusal) return say(refusal.message);
    form.card_token.value = token.id;
    form.requestSubmit(button);
  });
}

function confirmAtBank(part) {
  part.querySelector("button").addEventListener("click", async () => {
    await Stripe(part.dataset.key).confirmCardPayment(part.dataset.confirmPayment);
    location.assign(part.dataset.return);
  });
}

takeCard();
const part = document.querySelector("[data-confirm-payment]");
if (part) confirmAtBank(part);
