//! The queries of pages, each with the index that it should walk, for the test of plans.

use super::filter::{Cursor, Order};
use super::narrow::{Narrow, Number};
use super::scan::Scan;
use super::session;
use super::statements::{FACETS, JOINS, SEEN, SUMMARY};
use crate::db::{Kind, Sql as _, Value, with_keys};
use crate::exchange::Ending;

/// The index, the text and the values of each.
pub(crate) fn list_plans(kind: Kind) -> Vec<(&'static str, String, Vec<Value>)> {
    let mut all = Vec::new();
    for order in [Order::NewestFirst, Order::OldestFirst] {
        for (index, narrow) in narrows() {
            let mut scan = Scan::over(&narrow, kind);
            scan.after(order, Cursor::new(1, 2, 0));
            all.push((index, scan.text(order, SUMMARY, JOINS), scan.values(50)));
        }
        for (index, caller) in [("session_last", None), ("session_caller", Some(1))] {
            let cursor = Some(Cursor::new(1, 2, 0));
            let (text, mut values) = session::query(caller, order, cursor);
            values.push(50_i64.into());
            all.push((index, text, values));
        }
    }
    let seen = with_keys(&SEEN.text(kind), 0, 1);
    all.push(("seen_exchange", seen, vec![1_i64.into()]));
    let facets = FACETS.text(kind).into_owned();
    all.push(("name_uses", facets, vec!["caller".into(), 9_i64.into()]));
    all
}

/// Filters, each with the index of what the fewest exchanges have.
fn narrows() -> Vec<(&'static str, Narrow)> {
    let number = |column, uses| Number {
        column,
        value: 1,
        uses,
    };
    let with = |set: fn(&mut Narrow)| {
        let mut narrow = Narrow {
            numbers: vec![number("caller", 100), number("model", 200)],
            policy: Some(number("policy", 300)),
            ..Narrow::default()
        };
        set(&mut narrow);
        narrow
    };
    let numbers = [
        ("exchange_session", "session"),
        ("exchange_caller", "caller"),
        ("exchange_model", "model"),
        ("exchange_api", "api"),
        ("exchange_status", "status"),
    ];
    let alone = |column| Narrow {
        numbers: vec![number(column, 1)],
        ..Narrow::default()
    };
    let mut all = vec![
        ("exchange_time", Narrow::default()),
        ("exchange_caller", with(|_| ())),
        (
            "exchange_ending",
            with(|one| one.ending = Some((Ending::Failed, 1))),
        ),
        ("judged_policy", with(|one| one.numbers.clear())),
        ("judged_rule", with(|one| one.rules = Some((vec![1], 1)))),
        (
            "judged_verdict",
            with(|one| one.verdict = Some(("deny".into(), 1))),
        ),
        (
            "exchange_time",
            with(|one| {
                one.numbers.clear();
                one.policy = None;
                one.verdict = Some(("allow".into(), u64::MAX));
            }),
        ),
    ];
    all.extend(numbers.map(|(index, column)| (index, alone(column))));
    all
}
