//! Payouts: the list, one with its parts and lines, and what a donation says of its money.

use portal_contract::{block_on, know_a_month};
use portal_testkit::Result;

use crate::support::{Console, READ_TOKEN};

const PAYOUT: &str = "/ops/payouts/po_1WBPThIOYRtgmeLNMJBgmnnEO";

#[test]
fn a_deposit_is_explained_from_the_list_to_its_donations() -> Result {
    let console = Console::new(&[("TIME_ZONE", "Asia/Tokyo")])?;
    assert!(console.get("/ops/payouts?mode=live").answer()?.says("No payout is known."));
    block_on(know_a_month(&*console.store));

    let list = console.get("/ops/payouts?mode=live").answer()?;
    for text in ["2026-10-30", "30,641 JPY", "✓ explained", PAYOUT] {
        assert!(list.says(text), "{text}: {}", list.body);
    }
    let one = console.get(PAYOUT).answer()?;
    for text in ["51,000 JPY", "-9,500 JPY", "-8,000 JPY", "-2,728 JPY", "-85 JPY", "30,641 JPY"] {
        assert!(one.says(text), "{text}: {}", one.body);
    }
    let donation = "/ops/donations/pi_3FHqnb9REOSFHYPNxldN8s9Wp";
    assert!(one.says(donation), "{}", one.body);
    let donation = console.get(donation).answer()?;
    for text in ["396 JPY", "36 JPY", "7,104 JPY", "in a payout", PAYOUT] {
        assert!(donation.says(text), "{text}: {}", donation.body);
    }
    let japanese = console.get(&format!("{PAYOUT}?lang=ja")).answer()?;
    for text in ["✓ 内訳一致", "決済手数料の消費税", "51,000 円"] {
        assert!(japanese.says(text), "{text}: {}", japanese.body);
    }
    Ok(())
}

#[test]
fn an_account_that_was_not_read_has_no_sum() -> Result {
    let console = Console::new(&[])?;
    block_on(know_a_month(&*console.store));
    let page = console.get("/ops/account?mode=live&period=2026-10").answer()?;
    assert!(page.says("Not all lines of the balance of this time were read."), "{}", page.body);
    assert!(!page.says("51,000"), "{}", page.body);
    let page = console.get("/ops/account?mode=live&period=2026-10-10").answer()?;
    assert!(page.says("Stripe was not asked at both ends."), "{}", page.body);
    Ok(())
}

#[test]
fn the_api_has_the_objects_of_the_command_line() -> Result {
    let operators = [crate::support::OPERATORS];
    let console = Console::new(&operators)?;
    block_on(know_a_month(&*console.store));
    let list = console.get("/ops/api/v1/payouts?mode=live").bearing(READ_TOKEN).answer()?;
    let list: serde_json::Value = serde_json::from_str(&list.body)?;
    assert_eq!(list["data"][0]["state"], "explained");
    assert_eq!(list["data"][0]["parts"]["fees"], -2728);
    Ok(())
}
