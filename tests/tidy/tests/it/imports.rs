//! Files of a crate are read in an order.

use crate::{FIGURES, only_known};

/// Circles of imports that are still there. Aim: none.
const KNOWN: [&str; 7] = [
    "tests/portal-contract/src/model/books.rs tests/portal-contract/src/model/gifts.rs",
    "tests/portal-contract/src/samples.rs tests/portal-contract/src/stripe.rs",
    "tests/portal-testkit/src/postgres/binaries.rs tests/portal-testkit/src/postgres/install.rs",
    "tests/portal-testkit/src/postgres/cluster.rs tests/portal-testkit/src/postgres/make.rs tests/portal-testkit/src/postgres/serve.rs",
    "tests/portal-testkit/src/postgres/pooler/client.rs tests/portal-testkit/src/postgres/pooler/session.rs",
    "tests/portal-testkit/src/stripe/account.rs tests/portal-testkit/src/stripe/delivery.rs tests/portal-testkit/src/stripe/render.rs tests/portal-testkit/src/stripe/server/endpoint.rs tests/portal-testkit/src/stripe/server/http.rs tests/portal-testkit/src/stripe/server/lists.rs tests/portal-testkit/src/stripe/server/params.rs tests/portal-testkit/src/stripe/server/refusal.rs",
    "tests/portal-testkit/src/stripe/account/billing.rs tests/portal-testkit/src/stripe/account/recurring.rs",
];

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() {
    let circles = FIGURES.circles.iter().map(|files| files.join(" "));
    only_known(circles, &KNOWN, "these need each other; move what is shared below both");
}
