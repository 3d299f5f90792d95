// Receives Stripe's events with Express, and keeps each once in SQLite: what a good programmer
// writes in an afternoon. `cargo xtask bench --peers` measures the server beside it.
//
//     PORT=… DATABASE=… STRIPE_WEBHOOK_SECRET=… node server.js
import Database from "better-sqlite3";
import express from "express";
import Stripe from "stripe";

const { PORT, DATABASE, STRIPE_WEBHOOK_SECRET } = process.env;
// Nothing is asked of Stripe here, but its library wants a key.
const stripe = new Stripe("sk_test_not_used");

const database = new Database(DATABASE);
database.pragma("journal_mode = WAL");
// What was answered 200 outlives a loss of power. The library's own choice for WAL is NORMAL.
database.pragma("synchronous = FULL");
database.exec(
  "create table if not exists event (id text primary key, type text not null, created integer not null)",
);
const insert = database.prepare(
  "insert into event (id, type, created) values (?, ?, ?) on conflict (id) do nothing",
);

const app = express();
// The signature is one of the bytes as they came, so nothing may read them as JSON before.
const raw = express.raw({ type: "application/json", limit: "1mb" });

app.post("/api/webhooks/stripe", raw, (request, response) => {
  let event;
  try {
    const signature = request.headers["stripe-signature"];
    event = stripe.webhooks.constructEvent(request.body, signature, STRIPE_WEBHOOK_SECRET);
  } catch (error) {
    response.status(400).send(`Webhook Error: ${error.message}`);
    return;
  }
  insert.run(event.id, event.type, event.created);
  response.json({ received: true });
});

app.listen(Number(PORT), "127.0.0.1");
