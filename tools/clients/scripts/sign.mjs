// Posts events signed by Stripe's Node library, and prints what each was answered.
//
//     node sign.mjs URL SECRET GOOD_FILE REFUSED_FILE
import { readFile } from "node:fs/promises";
import Stripe from "stripe";

const [url, secret, goodFile, refusedFile] = process.argv.slice(2);
const stripe = new Stripe("sk_test_not_used");
const now = Math.floor(Date.now() / 1000);

async function post(name, file, options) {
  const payload = await readFile(file, "utf8");
  const signature = stripe.webhooks.generateTestHeaderString({ payload, ...options });
  const headers = {
    "Content-Type": "application/json; charset=utf-8",
    "Stripe-Signature": signature,
  };
  const answer = await fetch(url, { method: "POST", headers, body: payload });
  console.log(name, answer.status);
}

await post("stale", refusedFile, { secret, timestamp: now - 400 });
await post("forged", refusedFile, { secret: "whsec_of_somebody_else", timestamp: now });
await post("good", goodFile, { secret, timestamp: now });
await post("repeated", goodFile, { secret, timestamp: now + 1 });
