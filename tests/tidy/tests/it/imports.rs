//! Files of a crate are read in an order.

use crate::{FIGURES, only_known};

/// Circles of imports that are still there. Aim: none.
const KNOWN: [&str; 9] = [
    "crates/portal-domain/src/ledger/invoice.rs crates/portal-domain/src/ledger/payment.rs",
    "crates/portal-http-suite/src/host.rs crates/portal-http-suite/src/witness.rs",
    "crates/portal-store-suite/src/model/books.rs crates/portal-store-suite/src/model/gifts.rs",
    "crates/portal-store-suite/src/samples.rs crates/portal-store-suite/src/stripe.rs",
    "crates/portal-test-postgres/src/binaries.rs crates/portal-test-postgres/src/install.rs",
    "crates/portal-test-postgres/src/cluster.rs crates/portal-test-postgres/src/make.rs crates/portal-test-postgres/src/serve.rs",
    "crates/portal-test-postgres/src/pooler/client.rs crates/portal-test-postgres/src/pooler/session.rs",
    "crates/portal-test-stripe/src/account.rs crates/portal-test-stripe/src/delivery.rs crates/portal-test-stripe/src/render.rs crates/portal-test-stripe/src/server/endpoint.rs crates/portal-test-stripe/src/server/http.rs crates/portal-test-stripe/src/server/lists.rs crates/portal-test-stripe/src/server/params.rs crates/portal-test-stripe/src/server/refusal.rs",
    "crates/portal-test-stripe/src/account/billing.rs crates/portal-test-stripe/src/account/recurring.rs",
];

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() {
    let circles = FIGURES.circles.iter().map(|files| files.join(" "));
    only_known(circles, &KNOWN, "these need each other; move what is shared below both");
}
