//! How small a conversation gets. These tests count bytes, so they say the same on every machine.

use super::place::{Place, store_all};
use super::sample::{self, NOW};
use crate::exchange::Exchange;

/// Writes text in which few words are frequent and many are rare.
struct Talk(u64);

impl Talk {
    fn next(&mut self, below: u64) -> u64 {
        // xorshift: the same on every machine.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    /// A name of two or three syllables.
    fn name(&mut self) -> String {
        let rank = 1 << self.next(11);
        let mut number = self.next(rank) as usize;
        let mut name = String::new();
        for _ in 0..2 + number % 2 {
            name += ["con", "ver", "sta", "pre", "lim", "tor", "read", "ion"][number % 8];
            number /= 8;
        }
        name
    }

    /// Lines like those of a program.
    fn lines(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 80);
        while text.len() < bytes {
            let indent = " ".repeat(4 * self.next(4) as usize);
            let (to, from, with) = (self.name(), self.name(), self.name());
            text += &match self.next(4) {
                0 => format!("{indent}let {to} = {from}.{with}()?;\\n"),
                1 => format!("{indent}if {to}.{from} == {} {{\\n", self.next(100)),
                2 => {
                    format!("{indent}// Returns the {to} of {from}, or {with} if there is none.\\n")
                }
                _ => format!("{indent}{to}.{from}({with}, {});\\n", self.name()),
            };
        }
        text
    }
}

/// The exchanges of a conversation in which each turn adds a tool's call and its result.
fn conversation(turns: usize) -> Vec<Exchange> {
    let mut talk = Talk(0x5eed);
    let mut said = vec![("user", talk.lines(4000))];
    let mut exchanges = Vec::new();
    for _ in 0..turns {
        let call = talk.lines(400);
        let mut one = sample::exchange("ann", "s1", NOW, &said);
        let reply = sample::reply(&call);
        one.attempts[0].received = Some(reply.clone());
        one.delivered = Some(reply);
        one.reply[0].content = call.clone().into();
        one.reply[0].text = Some(call.clone());
        exchanges.push(one);
        said.push(("assistant", call));
        said.push(("user", talk.lines(7000)));
    }
    exchanges
}

/// How many bytes were handed in for each byte that is kept.
#[derive(Debug)]
struct Factors {
    /// Of what bodies are made of: blocks, positions, shells, with their keys.
    bodies: f64,
    /// Of the whole file, with the search index and the rows of exchanges.
    file: f64,
}

/// What bodies are made of. An integer counts as eight bytes, which is more than it takes.
const BODIES: [&str; 4] = [
    "SELECT SUM(LENGTH(content) + LENGTH(hash) + LENGTH(kind) + LENGTH(api) + 72) FROM block",
    "SELECT SUM(LENGTH(hash) + LENGTH(frame) + 40) FROM node",
    "SELECT SUM(LENGTH(shell) + LENGTH(digest) + LENGTH(exchange) + 16) FROM body",
    "SELECT COUNT(*) * 24 FROM part",
];

/// Stores a conversation. What an exchange has twice counts once.
async fn factors(turns: usize) -> Factors {
    let place = Place::sqlite();
    let store = place.open().await;
    let mut raw = 0;
    for one in conversation(turns) {
        raw += one.asked.body.bytes.len();
        raw += one
            .delivered
            .as_ref()
            .map_or(0, |reply| reply.body.bytes.len());
        assert_eq!(store_all(&store, vec![one]).await, [Ok(())]);
    }
    let mut bodies = 0;
    let mut tx = store.database.read().await.unwrap();
    for sum in BODIES {
        let row = tx.row(&sum.to_owned(), vec![]).await.unwrap();
        bodies += row.unwrap().need_int(0).unwrap();
    }
    drop(tx);
    store.close().await;
    let file = place.folder().join("sluice.db").metadata().unwrap().len();
    Factors {
        bodies: raw as f64 / bodies as f64,
        file: raw as f64 / file as f64,
    }
}

#[tokio::test]
async fn a_conversation_gets_smaller_the_longer_it_is() {
    let (short, long) = (factors(50).await, factors(200).await);
    assert!(long.bodies >= 150.0, "{long:?}");
    assert!(long.bodies > 3.0 * short.bodies, "{short:?} {long:?}");
    assert!(long.file > 2.0 * short.file, "{short:?} {long:?}");
}
