//! The event types that the runbooks (§3) tell an operator to select at Stripe.

use std::collections::BTreeSet;

use portal_domain::event_types::{EVENT_TYPES, MONEY_TYPES};

use super::RUNBOOKS;
use super::markdown::{code_spans, read};
use crate::support::Result;

/// The event types of one runbook.
struct Choice {
    /// The types to select, by name or by beginning (`charge.*`).
    chosen: BTreeSet<String>,
    /// The types that must not be selected.
    refused: BTreeSet<String>,
}

impl Choice {
    /// Reads the list below the fifth step of §3; its item in bold names the types not to select.
    fn of(runbook: &str) -> Result<Self> {
        let section = runbook.split("\n## 3. ").nth(1).ok_or("no §3")?;
        let step = section.split("\n5. ").nth(1).and_then(|it| it.split("\n6. ").next());
        let points = step.ok_or("no fifth step")?.split("\n   - ").skip(1);
        let (refused, chosen): (Vec<_>, Vec<_>) = points.partition(|it| it.starts_with("**"));
        let spans = |points: Vec<&str>| {
            points.into_iter().flat_map(code_spans).map(str::to_owned).collect()
        };
        Ok(Self { chosen: spans(chosen), refused: spans(refused) })
    }

    /// Returns true if a type is selected by its beginning.
    fn has_beginning_of(&self, event_type: &str) -> bool {
        let beginnings = self.chosen.iter().filter_map(|it| it.strip_suffix('*'));
        beginnings.into_iter().any(|it| event_type.starts_with(it))
    }
}

#[test]
fn the_runbooks_have_the_endpoint_choose_every_money_type_and_no_unknown_one() -> Result {
    for name in RUNBOOKS {
        let choice = Choice::of(&read(name)?)?;
        let by_name = choice.chosen.iter().filter(|it| !it.ends_with('*')).map(String::as_str);
        let due = MONEY_TYPES.into_iter().filter(|it| !choice.has_beginning_of(it));
        assert_eq!(by_name.collect::<BTreeSet<_>>(), due.collect(), "{name}");
        for beginning in choice.chosen.iter().filter_map(|it| it.strip_suffix('*')) {
            let is_known = EVENT_TYPES.iter().any(|row| row.name.starts_with(beginning));
            assert!(is_known, "{name}: {beginning}*");
        }
    }
    Ok(())
}

#[test]
fn the_runbooks_have_the_endpoint_leave_out_invoice_created() -> Result {
    for name in RUNBOOKS {
        let choice = Choice::of(&read(name)?)?;
        assert_eq!(choice.refused, BTreeSet::from(["invoice.created".to_owned()]), "{name}");
        for refused in &choice.refused {
            let chosen = choice.chosen.contains(refused) || choice.has_beginning_of(refused);
            assert!(!chosen, "{name}: {refused} is chosen");
            assert!(EVENT_TYPES.iter().any(|row| row.name == refused), "{name}: {refused}");
        }
    }
    Ok(())
}

#[test]
fn both_runbooks_have_the_endpoint_choose_the_same() -> Result {
    let [one, other] = RUNBOOKS;
    assert_eq!(Choice::of(&read(one)?)?.chosen, Choice::of(&read(other)?)?.chosen);
    Ok(())
}
