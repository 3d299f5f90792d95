//! The chart of the last match of each secret on a time axis: the longer a bar, the longer ago.

use maud::{Markup, html};
use portal_domain::UnixSeconds;
use portal_domain::signature_history::{DAYS_JUDGED, SecretUse};
use portal_outbound::duration;

use crate::page_request::PageRequest;

/// The days that the axis shows, up to now.
const DAYS_SHOWN: i64 = 7;

const DAY: i64 = 24 * 3600;

/// The sizes of the drawing, in its own units, which are pixels on a wide screen.
const LEFT: i64 = 110;
const RIGHT: i64 = 712;
const TOP: i64 = 8;
const ROW: i64 = 30;
const BAR: i64 = 16;

pub(super) fn secrets_chart(
    page: &PageRequest,
    fingerprints: &[Box<str>],
    uses: &[SecretUse],
) -> Markup {
    let title = page.pick("Last match of each secret", "各シークレットの最後の一致");
    let description = description(page, uses);
    html! {
        figure {
            figcaption { strong { (title) } " · " (description) }
            div .scroll tabindex="0" role="region" aria-label=(title) {
                (drawing(page, [title, &description], fingerprints, uses))
            }
        }
    }
}

fn description(page: &PageRequest, uses: &[SecretUse]) -> String {
    let (all, matched) = (uses.len(), uses.iter().filter_map(|it| it.last_matched_at));
    let count = matched.clone().count();
    match matched.min() {
        None => page.pick(
            format!("none of {all} has matched yet."),
            format!("{all} 個のうち、一致したものはまだありません。"),
        ),
        Some(oldest) => {
            let age = duration(page.now.since(oldest).max(0), page.locale.language);
            page.pick(
                format!("{count} of {all} matched; the longest ago: {age}."),
                format!("{all} 個のうち {count} 個が一致。最も古い一致は {age}前です。"),
            )
        }
    }
}

fn drawing(
    page: &PageRequest,
    [title, description]: [&str; 2],
    fingerprints: &[Box<str>],
    uses: &[SecretUse],
) -> Markup {
    let rows = i64::try_from(uses.len()).unwrap_or_default();
    let bottom = TOP + rows * ROW;
    html! {
        svg viewBox={ "0 0 720 " (bottom + 24) } role="img" aria-labelledby="secrets-title secrets-desc" {
            title #secrets-title { (title) }
            desc #secrets-desc { (description) }
            @for (row, (fingerprint, used)) in (0_i64..).zip(fingerprints.iter().zip(uses)) {
                @let y = TOP + row * ROW;
                text x=(LEFT - 8) y=(y + 13) text-anchor="end" { "#" (row + 1) " " (fingerprint) }
                @match used.last_matched_at {
                    Some(at) => {
                        @let x = place(page.now, at);
                        rect .one x=(x - 4) y=(y) width=(RIGHT - x + 4) height=(BAR) {}
                    }
                    None => text x=(LEFT + 4) y=(y + 13) { (page.pick("never", "なし")) },
                }
            }
            line .axis x1=(LEFT) x2=(RIGHT) y1=(bottom) y2=(bottom) {}
            @for days in [DAYS_SHOWN, DAYS_JUDGED] {
                @let x = place(page.now, page.now.after(-jiff::SignedDuration::from_hours(24 * days)));
                line .expected x1=(x) x2=(x) y1=(TOP) y2=(bottom) {}
                text x=(x) y=(bottom + 16) text-anchor="middle" {
                    (page.pick(format!("{days} days ago"), format!("{days} 日前")))
                }
            }
            text x=(RIGHT) y=(bottom + 16) text-anchor="end" { (page.pick("now", "現在")) }
        }
    }
}

/// Returns the place of a time on the axis; what is older than it stands at its beginning.
fn place(now: UnixSeconds, at: UnixSeconds) -> i64 {
    let age = now.since(at).clamp(0, DAYS_SHOWN * DAY);
    RIGHT - age * (RIGHT - LEFT) / (DAYS_SHOWN * DAY)
}

#[cfg(test)]
mod tests {
    use portal_domain::UnixSeconds;

    use super::{DAY, LEFT, RIGHT, place};

    #[test]
    fn the_axis_ends_now_and_begins_a_week_ago() {
        let at = |seconds| UnixSeconds::new(seconds).unwrap();
        let now = at(100 * DAY);
        let place = |days: i64| place(now, at((100 - days) * DAY));
        assert_eq!([place(0), place(7), place(50)], [RIGHT, LEFT, LEFT]);
        assert!(place(3) > place(4));
    }
}
