//! Lists page by page.

use portal_testkit::stripe::{Account, CLOVER};

use crate::stripe::client::{Client, NOW};
use crate::stripe::lists::{newest_first, some_gifts};

#[test]
fn events_come_newest_first_and_ten_on_a_page() {
    let account = some_gifts();
    let due = newest_first(&account);
    let client = Client::of(account);
    assert_eq!(client.page("/v1/events"), (due[..10].to_vec(), true));
    assert_eq!(client.page("/v1/events?limit=100"), (due.clone(), false));
    assert_eq!(client.page("/v1/events?limit=28"), (due, false));
}

#[test]
fn pages_in_either_direction_have_no_gap_and_no_overlap() {
    let account = some_gifts();
    let due = newest_first(&account);
    let client = Client::of(account);
    for limit in [1, 3, 27, 28, 29] {
        let mut all = Vec::new();
        let mut cursor = String::new();
        for _ in 0..due.len() {
            let (ids, more) = client.page(&format!("/v1/events?limit={limit}{cursor}"));
            all.extend(ids);
            cursor = format!("&starting_after={}", all.last().unwrap());
            if !more {
                break;
            }
        }
        assert_eq!(all, due, "onwards by {limit}");
        let mut all = vec![due.last().unwrap().clone()];
        for _ in 0..due.len() {
            let cursor = format!("&ending_before={}", all[0]);
            let (ids, more) = client.page(&format!("/v1/events?limit={limit}{cursor}"));
            all.splice(0..0, ids);
            if !more {
                break;
            }
        }
        assert_eq!(all, due, "back by {limit}");
    }
}

#[test]
fn a_quarter_of_a_hundred_thousand_events_is_read_page_by_page() {
    let mut account = Account::live(CLOVER);
    for n in 0..25_000 {
        account.one_time(NOW - 100_000 + n, 1000, "jpy");
    }
    assert_eq!(account.events().count(), 100_000);
    let visits = account.events().rev().filter(|it| it.event_type == "checkout.session.completed");
    let due: Vec<_> = visits.map(|it| it.id.clone()).collect();
    let client = Client::of(account);
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for _ in 0..due.len() {
        let only = "limit=100&types[]=checkout.session.completed";
        let (ids, more) = client.page(&format!("/v1/events?{only}{cursor}"));
        all.extend(ids);
        cursor = format!("&starting_after={}", all.last().unwrap());
        if !more {
            break;
        }
    }
    assert_eq!(all, due);
    assert_eq!(client.server.counts()["/v1/events"], 250);
}
