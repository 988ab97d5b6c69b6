//! The query that walks exchanges in the order of time.
//!
//! Of all that a filter asks for, one thing decides which index is walked: what the fewest exchanges have. The others are
//! looked at for each exchange on the way. So a page ends as soon as it is full, and nothing is sorted. SQLite has to be told:
//! a `+` before a column keeps it from using an index. PostgreSQL knows how often each value occurs and chooses by itself.

use super::conditions::Conditions;
use super::filter::{Cursor, Order};
use super::narrow::Narrow;
use crate::db::{Kind, Value};

/// A query for exchanges, all but its columns and its end.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    kind: Kind,
    /// What it walks.
    from: String,
    conditions: Conditions,
    /// The columns that it goes by: a time, and the id of an exchange.
    by: [&'static str; 2],
    /// At most how many exchanges it passes.
    pub(super) passes: u64,
}

/// What leads to exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Time,
    /// What the exchanges are is known already.
    Ids,
    Number(&'static str),
    Ending,
    Policy,
    Rule,
    Verdict,
}

impl Scan {
    /// Those that a filter lets through.
    pub(super) fn over(narrow: &Narrow, kind: Kind) -> Self {
        let (lead, passes) = lead(narrow);
        Self::led((narrow, kind), lead, passes)
    }

    fn led((narrow, kind): (&Narrow, Kind), lead: Lead, passes: u64) -> Self {
        let judged = matches!(lead, Lead::Policy | Lead::Rule | Lead::Verdict);
        let (from, by) = match judged {
            true => (
                "judged v CROSS JOIN exchange e",
                ["v.received_at", "v.exchange"],
            ),
            false => ("exchange e", ["e.received_at", "e.id"]),
        };
        let mut scan = Self {
            kind,
            from: from.to_owned(),
            conditions: Conditions::default(),
            by,
            passes,
        };
        let bounds = [(">=", narrow.from), ("<", narrow.until)];
        for (sign, bound) in bounds {
            if let Some(bound) = bound {
                let plus = if lead == Lead::Ids { scan.plus() } else { "" };
                let condition = format!("{plus}{} {sign} ?", by[0]);
                scan.conditions.add(&condition, [bound.into()]);
            }
        }
        scan.exchange(narrow, lead);
        if judged {
            scan.conditions.add("e.id = v.exchange", []);
            scan.leading_verdict(narrow, lead);
        } else if narrow.is_judged() {
            let (text, values) = verdict(narrow, "v", None);
            let text = format!("EXISTS (SELECT 1 FROM judged v WHERE v.exchange = e.id{text})");
            scan.conditions.add(&text, values);
        }
        scan
    }

    /// Adds what is asked of the exchange itself.
    fn exchange(&mut self, narrow: &Narrow, lead: Lead) {
        for number in &narrow.numbers {
            let column = number.column;
            let leads = lead == Lead::Number(column);
            let plus = if leads { "" } else { self.plus() };
            if leads && column == "status" {
                self.has("e.status <> 200");
            }
            let condition = format!("{plus}e.{column} = ?");
            self.conditions.add(&condition, [number.value.into()]);
        }
        if let Some((ending, _)) = narrow.ending {
            if lead == Lead::Ending {
                self.has("e.ending <> 'delivered'");
            }
            self.conditions
                .add("e.ending = ?", [ending.as_str().into()]);
        }
    }

    /// Walks verdicts. Of several of an exchange, one leads to it.
    fn leading_verdict(&mut self, narrow: &Narrow, lead: Lead) {
        match lead {
            Lead::Rule => self.has("v.rule <> 0"),
            Lead::Verdict => self.has("v.verdict <> 'allow'"),
            _ => {}
        }
        let (text, values) = verdict(narrow, "v", Some((lead, self.plus())));
        self.conditions
            .add(text.trim_start_matches(" AND "), values);
        let (text, values) = verdict(narrow, "w", None);
        let text = format!(
            "NOT EXISTS (SELECT 1 FROM judged w WHERE w.exchange = v.exchange{text} \
            AND (w.policy, w.rule, w.verdict) < (v.policy, v.rule, v.verdict))"
        );
        self.conditions.add(&text, values);
    }

    /// Says that an index which lacks some rows has those that are asked for. PostgreSQL sees that, and would take it for one
    /// more condition that few rows meet.
    fn has(&mut self, condition: &str) {
        if self.kind == Kind::Sqlite {
            self.conditions.add(condition, []);
        }
    }

    /// What stands before a column whose index is not to be used.
    fn plus(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite => "+",
            Kind::Postgres => "",
        }
    }

    /// Those of a filter that are among some, as a query that takes their ids as `{keys}`.
    pub(super) fn among(narrow: &Narrow, kind: Kind) -> (String, Vec<Value>) {
        let mut scan = Self::led((narrow, kind), Lead::Ids, u64::MAX);
        scan.conditions.add("e.id IN ({keys})", []);
        let conditions = scan.conditions.text();
        let text = format!("SELECT e.received_at, e.id FROM exchange e WHERE {conditions}");
        (text, scan.conditions.values)
    }

    /// One for each lead, with everything that can be asked for.
    #[cfg(test)]
    pub(super) fn each(narrow: &Narrow, kind: Kind) -> Vec<Self> {
        let numbers = narrow.numbers.iter();
        let numbers = numbers.map(|number| Lead::Number(number.column));
        let others = [
            Lead::Time,
            Lead::Ending,
            Lead::Policy,
            Lead::Rule,
            Lead::Verdict,
        ];
        let leads = numbers.chain(others);
        leads
            .map(|lead| Self::led((narrow, kind), lead, 0))
            .collect()
    }

    /// Goes on behind a place. If that is within an exchange, it begins with this exchange.
    pub(super) fn after(&mut self, order: Order, cursor: Cursor) {
        let [at, id] = self.by;
        let sign = order.sign();
        let or_there = if cursor.place > 0 { "=" } else { "" };
        let condition = format!("({at}, {id}) {sign}{or_there} (?, ?)");
        self.conditions.add(&condition, cursor.values());
    }

    /// The text of the query. Its last parameter is how many rows are wanted.
    pub(super) fn text(&self, order: Order, columns: &str, joins: &str) -> String {
        let (word, limit) = (order.word(), self.conditions.values.len() + 1);
        let (from, conditions) = (&self.from, self.conditions.text());
        let [at, id] = self.by;
        format!(
            "SELECT {columns} FROM {from} {joins} WHERE {conditions} \
            ORDER BY {at} {word}, {id} {word} LIMIT ${limit}"
        )
    }

    /// The values of its parameters, with how many rows are wanted.
    pub(super) fn values(&self, limit: u32) -> Vec<Value> {
        let mut values = self.conditions.values.clone();
        values.push(limit.into());
        values
    }
}

/// What the fewest exchanges have of all that a filter asks for, and how many have it.
fn lead(narrow: &Narrow) -> (Lead, u64) {
    let numbers = narrow.numbers.iter();
    let numbers = numbers.map(|one| (Lead::Number(one.column), one.uses));
    let ending = narrow.ending.map(|(_, uses)| (Lead::Ending, uses));
    let policy = narrow.policy.map(|policy| (Lead::Policy, policy.uses));
    let rules = narrow.rules.as_ref().map(|(_, uses)| (Lead::Rule, *uses));
    let verdict = narrow.verdict.as_ref();
    let verdict = verdict.map(|(_, uses)| (Lead::Verdict, *uses));
    let all = numbers
        .chain(ending)
        .chain(rules)
        .chain(verdict)
        .chain(policy);
    let few = all.filter(|(_, uses)| *uses < u64::MAX);
    let least = few.min_by_key(|(_, uses)| *uses);
    least.unwrap_or((Lead::Time, u64::MAX))
}

/// What is asked of one verdict. Something stands before all columns but that of the lead.
fn verdict(
    narrow: &Narrow,
    table: &str,
    lead: Option<(Lead, &'static str)>,
) -> (String, Vec<Value>) {
    let plus = |this| match lead {
        Some((lead, plus)) if lead != this => plus,
        _ => "",
    };
    let (mut text, mut values) = (String::new(), Vec::new());
    if let Some(policy) = narrow.policy {
        text += &format!(" AND {}{table}.policy = ?", plus(Lead::Policy));
        values.push(policy.value.into());
    }
    if let Some((rules, _)) = &narrow.rules {
        let places = vec!["?"; rules.len()].join(", ");
        text += &format!(" AND {}{table}.rule IN ({places})", plus(Lead::Rule));
        values.extend(rules.iter().map(|rule| Value::from(*rule)));
    }
    if let Some((verdict, _)) = &narrow.verdict {
        text += &format!(" AND {table}.verdict = ?");
        values.push((&**verdict).into());
    }
    (text, values)
}
