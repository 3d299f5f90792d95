use portal_domain::alert::LikelyCause;
use portal_domain::endpoint_problem::EndpointProblem;
use portal_domain::{
    Action, Alert, DeadReason, DisputeState, EnumWord, Notification, ReadError, Resource,
    UnixSeconds,
};
use portal_outbound::Language;

use crate::notifications::{
    connected_accounts_only, dispute, endpoint, event_dead, events_not_delivered, notification,
    reconciliation_incomplete, refund_failed, refusals, silence, store_unavailable,
};
use crate::texts::{WHOLE, assert_texts, text};

#[test]
fn each_alert_says_what_happened_and_what_to_do_first() {
    let reason = EnumWord::new("store_quota_exhausted").unwrap();
    let began_at = UnixSeconds::default();
    let quota = Alert::StoreUnavailable { reason, began_at, refused: 3, free_bytes: None };
    let unreadable = Alert::StripeUnreadable {
        resource: Resource::WebhookEndpoints,
        why: ReadError::NotAllowed,
    };
    let alerts = [
        ("wrong signing secret", refusals(LikelyCause::WrongSecret)),
        ("wrong clock", refusals(LikelyCause::Clock)),
        ("forged deliveries", refusals(LikelyCause::Forged)),
        ("scanner", refusals(LikelyCause::Scanner)),
        ("store is full", store_unavailable()),
        ("quota is used up", quota),
        ("inquiry", dispute(DisputeState::Inquiry, true)),
        ("dispute of test mode is open", dispute(DisputeState::Open, false)),
        ("dispute of test mode is won", dispute(DisputeState::Won, false)),
        ("dispute of test mode is lost", dispute(DisputeState::Lost, false)),
        ("refund of test mode failed", refund_failed(false)),
        ("silence", silence()),
        ("events of a connected account only", connected_accounts_only(Some("acct_1"))),
        ("events of connected accounts only", connected_accounts_only(None)),
        ("endpoint is disabled", endpoint(EndpointProblem::Disabled)),
        ("events were not delivered", events_not_delivered()),
        ("permission is missing", unreadable),
        ("reconciliation is incomplete", reconciliation_incomplete()),
        ("test", Alert::test(UnixSeconds::default())),
    ];
    let dead = DeadReason::ALL.iter().map(|&it| (format!("dead: {}", it.name()), event_dead(it)));
    let alerts = alerts.map(|(name, alert)| (name.to_owned(), alert));
    assert_texts("problems.txt", WHOLE, dead.chain(alerts));
}

#[test]
fn each_problem_of_the_endpoint_reads_differently_from_beginning_to_end() {
    let problems = EndpointProblem::ALL.iter().map(|&it| (it.name().to_owned(), endpoint(it)));
    assert_texts("endpoint.txt", 0..2, problems);
    for language in Language::ALL {
        for (action, place) in [(Action::Trigger, 0), (Action::Trigger, 1), (Action::Resolve, 0)] {
            let line = |it: &EndpointProblem| {
                let text = text(&notification(endpoint(*it), action, 1), language);
                text.lines().nth(place).unwrap().to_owned()
            };
            let mut said: Vec<String> = EndpointProblem::ALL.iter().map(line).collect();
            said.sort();
            assert!(said.windows(2).all(|it| it[0] != it[1]), "{said:#?}");
        }
    }
}

#[test]
fn a_problem_noticed_more_than_once_states_the_number() {
    for (language, end) in [
        (
            Language::En,
            "\nNoticed 3 times since 2026-11-22 22:50 +09:00. From web-1 (live mode).\nhttps://runbook.example/#silence",
        ),
        (
            Language::Ja,
            "\n2026年11月22日 22:50 +09:00 から 3 回検知しました。送信元: web-1（本番環境）。\nhttps://runbook.example/#silence",
        ),
    ] {
        let text = text(&notification(silence(), Action::Trigger, 3), language);
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn a_problem_that_is_back_says_so() {
    for (language, back) in [
        (
            Language::En,
            "\nBack again: number 3 within 24 hours. Noticed at 2026-11-22 22:50 +09:00. From",
        ),
        (
            Language::Ja,
            "\n24 時間以内に 3 回目の発生です。2026年11月22日 22:50 +09:00 に検知しました。送信元",
        ),
    ] {
        let third = Notification { times: 3, ..notification(silence(), Action::Trigger, 1) };
        let text = text(&third, language);
        assert!(text.contains(back), "{text}");
    }
}
