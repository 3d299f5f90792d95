use portal_domain::alert::LikelyCause;
use portal_domain::{Action, Alert, DeadReason, DisputeState, EnumWord};
use portal_outbound::{Language, text};

use crate::notifications::{
    connected_accounts_only, digest, dispute, event_dead, notification, refund_failed, refusals,
    silence, store_unavailable,
};
use crate::texts::{assert_resolved, assert_text};

const JA: Language = Language::Ja;

#[test]
fn event_dead_states_the_reason() {
    assert_text(
        event_dead(DeadReason::LedgerFailed),
        JA,
        "イベント evt_1（invoice.paid）を処理できませんでした。台帳への変更を保存できなかったか、変更内容を決められませんでした（ledger_failed）。
最初の対応: ログに出ている原因を取り除いてから、再試行してください。
donation-portal events list --state dead
donation-portal events retry --state dead --yes
2026-11-22T13:50:00Z に検知しました。
runbook: event_dead",
    );
    assert_text(
        event_dead(DeadReason::FactsMissing),
        JA,
        "イベント evt_1（invoice.paid）を処理できませんでした。ID、金額、通貨、状態のいずれかが欠けています（facts_missing）。
最初の対応: Stripe のダッシュボードで内容を確認し、不具合として報告してください。更新後に再試行します。
donation-portal events list --state dead
donation-portal events retry --state dead --yes
2026-11-22T13:50:00Z に検知しました。
runbook: event_dead",
    );
    let out_of_range = notification(event_dead(DeadReason::AmountOutOfRange), Action::Trigger, 1);
    let because = "金額が負であるか、大きすぎます（amount_out_of_range）。";
    assert!(text(&out_of_range, JA).contains(because));
}

#[test]
fn a_problem_noticed_more_than_once_states_the_number() {
    let text = text(&notification(silence(), Action::Trigger, 3), JA);
    let end = "2026-11-22T13:50:00Z から 3 回検知しました。\nrunbook: silence";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn signature_refusals_name_the_likely_cause() {
    assert_text(
        refusals(LikelyCause::WrongSecret),
        JA,
        "5 分の間に 12 件の配信を署名の検証で拒否しました。考えられる原因: 署名シークレットの誤り。
最初の対応: 署名シークレット（STRIPE_WEBHOOK_SECRET）をロールした直後ではないか、Stripe のダッシュボードと照合してください。イベントは Stripe が再送します。
donation-portal config
2026-11-22T13:50:00Z に検知しました。
runbook: signature_refusals",
    );
    assert_text(
        refusals(LikelyCause::Clock),
        JA,
        "5 分の間に 12 件の配信を署名の検証で拒否しました。考えられる原因: 時計のずれ。
最初の対応: サーバーの時計（NTP）を直してください。イベントは Stripe が再送します。
timedatectl
2026-11-22T13:50:00Z に検知しました。
runbook: signature_refusals",
    );
    assert_text(
        refusals(LikelyCause::Scanner),
        JA,
        "5 分の間に 12 件の配信を署名の検証で拒否しました。考えられる原因: Stripe 以外からの送信。
最初の対応: Stripe のダッシュボードに失敗した配信がなければ、対応は不要です。あれば、ヘッダーを取り除くプロキシがないか確認してください。
2026-11-22T13:50:00Z に検知しました。
runbook: signature_refusals",
    );
}

#[test]
fn store_unavailable_sends_to_the_disk() {
    assert_text(
        store_unavailable(),
        JA,
        "イベントを保存できません（store_full）。これまでに 503 を返した配信は 7 件です。
最初の対応: データベースのディスクの空き、権限、エラーを確認してください。イベントは Stripe が再送します。
2026-11-22T13:50:00Z に検知しました。
runbook: store_unavailable",
    );
}

#[test]
fn a_dispute_is_to_be_answered() {
    assert_text(
        dispute(DisputeState::Inquiry, true),
        JA,
        "寄付者の銀行から決済についての照会がありました: 5,000 円、pi_1（du_1）。資金はまだ動いていません。
最初の対応: Stripe のダッシュボードで、表示されている期限までに回答してください。
donation-portal donations show pi_1
2026-11-22T13:50:00Z に検知しました。
runbook: dispute",
    );
    let first_line = |state| {
        let text = text(&notification(dispute(state, false), Action::Trigger, 1), JA);
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        first_line(DisputeState::Open),
        "【テスト環境】決済に不審請求の申し立てがありました: 5,000 円、pi_1（du_1）。該当の金額は引き落とされています。",
    );
    assert_eq!(
        first_line(DisputeState::Won),
        "【テスト環境】不審請求の申し立てで、こちらの主張が認められました: 5,000 円、pi_1（du_1）。資金は戻っています。",
    );
    assert_eq!(
        first_line(DisputeState::Lost),
        "【テスト環境】不審請求の申し立てで、こちらの主張が認められませんでした: 5,000 円、pi_1（du_1）。資金は戻りません。",
    );
}

#[test]
fn a_failed_refund_needs_another_way() {
    assert_text(
        refund_failed(false),
        JA,
        "【テスト環境】返金が寄付者に届きませんでした: 12.34 USD、pi_1（re_1）。資金はアカウントに戻っています。
最初の対応: 別の返金方法を寄付者と相談してください。
donation-portal donations show pi_1
2026-11-22T13:50:00Z に検知しました。
runbook: refund_failed",
    );
}

#[test]
fn silence_sends_to_the_dashboard() {
    assert_text(
        silence(),
        JA,
        "受信の途絶: 2026-11-22T13:50:00Z を最後にイベントが届いていません。これまでの最長の間隔は 5 時間でした。
最初の対応: Stripe のダッシュボードで失敗した配信や無効になったエンドポイントがないか、次にトンネルを確認してください。
donation-portal events list --limit 3
2026-11-22T13:50:00Z に検知しました。
runbook: silence",
    );
}

#[test]
fn events_of_connected_accounts_only_need_an_endpoint_of_the_own_account() {
    assert_text(
        connected_accounts_only(Some("acct_1")),
        JA,
        "寄付が記録されていません。届いているのは連結アカウント（acct_1）のイベントだけで、対象外になります。直近 4 週間に 12 件、最後は 2026-11-22T13:50:00Z です。
最初の対応: そのアカウントが自分のものであれば、連結アカウントや組織を対象とする送信先の代わりに、そのアカウント自身に、自分のアカウントのイベントを対象とするエンドポイントを登録してください。
donation-portal doctor
2026-11-22T13:50:00Z に検知しました。
runbook: connected_accounts_only",
    );
    let text = text(&notification(connected_accounts_only(None), Action::Trigger, 1), JA);
    assert!(text.contains("連結アカウントのイベントだけ"), "{text}");
}

#[test]
fn a_test_asks_for_nothing() {
    let expected = "アラートのテストです。この通知先に正しく届いています。対応は不要です。";
    assert_text(Alert::Test, JA, expected);
}

#[test]
fn each_end_is_notified() {
    for (alert, over) in [
        (event_dead(DeadReason::FactsMissing), "処理できなかったイベントはなくなりました。"),
        (refusals(LikelyCause::Clock), "署名の検証による拒否は収まりました。"),
        (
            store_unavailable(),
            "イベントを保存できるようになりました。拒否したイベントは Stripe が再送します。",
        ),
        (dispute(DisputeState::Inquiry, true), "pi_1 への照会（du_1）は終わりました。"),
        (
            dispute(DisputeState::Open, true),
            "pi_1 への不審請求の申し立て（du_1）は終わりました。結果は Stripe のダッシュボードで確認できます。",
        ),
        (refund_failed(true), "pi_1 の返金の失敗（re_1）は解決しました。"),
        (silence(), "イベントが再び届いています。"),
        (connected_accounts_only(None), "自分のアカウントの寄付に関するイベントが届きました。"),
        (digest(Vec::new()), "2026年11月21日の集計は終わりました。"),
        (Alert::Test, "アラートのテストは終わりました。"),
    ] {
        let expected = format!("解消: {over}\n2026-11-22T13:50:00Z に検知しました。");
        assert_resolved(alert, JA, &expected);
    }
    let test = text(&notification(refund_failed(false), Action::Resolve, 1), JA);
    assert!(test.starts_with("【テスト環境】解消: "), "{test}");
}

#[test]
fn a_used_up_quota_states_its_end() {
    let reason = EnumWord::new("store_quota_exhausted").unwrap();
    let used_up = Alert::StoreUnavailable { reason, refused: 3 };
    let text = text(&notification(used_up, Action::Trigger, 1), JA);
    assert!(text.contains("1 日の行数の上限に達しました"), "{text}");
}
