//! The part of writing that needs no database: bodies are taken apart and hashed.

use std::sync::Arc;

use bytes::Bytes;

use super::blocks::Content;
use super::memory::{Head, Key, Memory};
use crate::Name;
use crate::chain::{
    BlockHash, Layout, NodeHash, Piece, Prefix, Shell, block_hash, digest, month, node_hash,
};
use crate::exchange::Exchange;
use crate::message::{Body, Message};
use crate::search::Source;
use crate::verdict::ReplyBlock;

/// An exchange with its bodies taken apart.
pub(super) struct Prepared {
    pub(super) exchange: Arc<Exchange>,
    pub(super) epoch: i64,
    /// The bodies that differ.
    pub(super) bodies: Vec<PreparedBody>,
    /// Its messages: the place of each, and which body it has.
    pub(super) messages: Vec<(Place, usize)>,
    /// The contents of the reply's blocks.
    pub(super) reply: Vec<Content>,
    /// The contents before and after each verdict.
    pub(super) verdicts: Vec<(Option<Content>, Option<Content>)>,
}

/// Where a message stands in its exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Asked,
    Delivered,
    /// By the attempt's place in the list.
    Sent(usize),
    Received(usize),
}

pub(super) struct PreparedBody {
    pub(super) length: usize,
    pub(super) digest: [u8; 32],
    pub(super) chains: Vec<PreparedChain>,
    /// `None` if the bytes are withheld.
    pub(super) shell: Option<Shell>,
}

/// A chain, or what is new of it.
pub(super) struct PreparedChain {
    pub(super) key: Key,
    /// The last position that the writer remembers, if the chain goes on from there.
    pub(super) start: Option<i64>,
    pub(super) links: Vec<Link>,
    /// The bytes of the whole chain.
    pub(super) length: usize,
    pub(super) digest: u64,
    pub(super) hash: NodeHash,
}

/// A position of a chain.
pub(super) struct Link {
    pub(super) node: NodeHash,
    pub(super) block: BlockHash,
    pub(super) piece: Piece,
}

impl Prepared {
    /// All contents but those of requests.
    pub(super) fn contents(&self) -> impl Iterator<Item = &Content> {
        let judged = self.verdicts.iter();
        let judged = judged.flat_map(|(before, after)| before.iter().chain(after));
        self.reply.iter().chain(judged)
    }
}

impl Place {
    /// The number that stands for it in the database.
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Asked => 0,
            Self::Sent(_) => 1,
            Self::Received(_) => 2,
            Self::Delivered => 3,
        }
    }

    /// The message that stands there.
    pub(super) fn of(self, exchange: &Exchange) -> Option<&Message> {
        match self {
            Self::Asked => Some(&exchange.asked),
            Self::Delivered => exchange.delivered.as_ref(),
            Self::Sent(at) => exchange.attempts.get(at).map(|attempt| &attempt.sent),
            Self::Received(at) => exchange.attempts.get(at)?.received.as_ref(),
        }
    }

    /// The number of its attempt. 0 on the caller's side.
    pub(super) fn attempt(self, exchange: &Exchange) -> u32 {
        match self {
            Self::Asked | Self::Delivered => 0,
            Self::Sent(at) | Self::Received(at) => exchange
                .attempts
                .get(at)
                .map_or(0, |attempt| attempt.number),
        }
    }
}

/// Takes an exchange's bodies apart.
pub(super) fn prepare(exchange: Arc<Exchange>, memory: &Memory) -> Prepared {
    let epoch = month(exchange.received_at);
    let attempts = 0..exchange.attempts.len();
    let tries = attempts.flat_map(|at| [Place::Sent(at), Place::Received(at)]);
    let mut bodies: Vec<(&Body, [u8; 32])> = Vec::new();
    let mut messages = Vec::new();
    for place in [Place::Asked, Place::Delivered].into_iter().chain(tries) {
        if let Some(message) = place.of(&exchange) {
            messages.push((place, index(&mut bodies, &message.body)));
        }
    }
    let one = |(body, digest): &(&Body, [u8; 32])| {
        if body.withheld {
            return PreparedBody {
                length: body.bytes.len(),
                digest: *digest,
                chains: Vec::new(),
                shell: None,
            };
        }
        let Layout { chains, shell } = Layout::new(body);
        let chain = |(number, pieces)| {
            let key = Key {
                caller: exchange.caller.clone(),
                session: exchange.session.clone(),
                number,
            };
            prepare_chain(key, pieces, &exchange.api, epoch, memory)
        };
        PreparedBody {
            length: body.bytes.len(),
            digest: *digest,
            chains: chains.into_iter().enumerate().map(chain).collect(),
            shell: Some(shell),
        }
    };
    let bodies = bodies.iter().map(one).collect();
    let api = &exchange.api;
    let judged = |bytes: &Option<Bytes>| bytes.as_ref().map(|bytes| judged(api, bytes));
    Prepared {
        epoch,
        bodies,
        messages,
        reply: exchange
            .reply
            .iter()
            .map(|block| replied(api, block))
            .collect(),
        verdicts: exchange
            .verdicts
            .iter()
            .map(|verdict| (judged(&verdict.before), judged(&verdict.after)))
            .collect(),
        exchange,
    }
}

/// A block of a reply as it is kept.
pub(super) fn replied(api: &Name, block: &ReplyBlock) -> Content {
    let source = match &block.text {
        None => Source::None,
        Some(text) if text.as_bytes() == block.content => Source::Content,
        Some(text) => Source::Own(text.clone()),
    };
    let role = Name::Borrowed("assistant");
    let mut hash = block_hash(api, &block.kind, Some(&role), &block.content);
    if let Source::Own(text) = &source {
        // With another text it is another block.
        hash = block_hash(api, text, None, &hash);
    }
    Content {
        hash,
        api: api.clone(),
        kind: block.kind.clone(),
        role: Some(role),
        bytes: block.content.clone(),
        source,
    }
}

fn judged(api: &Name, bytes: &Bytes) -> Content {
    Content {
        hash: block_hash(api, "", None, bytes),
        api: api.clone(),
        kind: Name::Borrowed(""),
        role: None,
        bytes: bytes.clone(),
        source: Source::None,
    }
}

/// The place of a body among those that differ. Bodies with the same bytes are one.
fn index<'a>(bodies: &mut Vec<(&'a Body, [u8; 32])>, body: &'a Body) -> usize {
    let bytes = &body.bytes;
    let same = |other: &Bytes| other.as_ptr() == bytes.as_ptr() && other.len() == bytes.len();
    let known = bodies.iter().find(|(other, _)| same(&other.bytes));
    let digest = known.map_or_else(|| digest(bytes), |(_, digest)| *digest);
    match bodies.iter().position(|(_, other)| *other == digest) {
        Some(at) => {
            // The one that says where its blocks stand is kept more compactly. What one message keeps need not be
            // withheld in another.
            let known = bodies[at].0;
            if known.withheld || (known.cuts.is_empty() && !body.withheld) {
                bodies[at].0 = body;
            }
            at
        }
        None => {
            bodies.push((body, digest));
            bodies.len() - 1
        }
    }
}

fn prepare_chain(
    key: Key,
    pieces: Vec<Piece>,
    api: &str,
    epoch: i64,
    memory: &Memory,
) -> PreparedChain {
    let head = memory.head(&key).filter(|head| head.epoch == epoch);
    let (start, known, mut prefix) = head
        .and_then(|head| start(&pieces, head, memory))
        .map_or((None, 0, Prefix::new(memory.key())), |(known, prefix)| {
            (head, known, prefix)
        });
    let mut length = start.map_or(0, |head| head.length);
    let mut hash = start.map_or_else(NodeHash::default, |head| head.hash);
    let mut links = Vec::with_capacity(pieces.len() - known);
    for piece in pieces.into_iter().skip(known) {
        prefix.extend(&piece.frame);
        prefix.extend(&piece.block);
        length += piece.frame.len() + piece.block.len();
        let block = block_hash(api, &piece.kind, piece.role.as_deref(), &piece.block);
        hash = node_hash(&hash, &block, &piece.frame);
        links.push(Link {
            node: hash,
            block,
            piece,
        });
    }
    PreparedChain {
        key,
        start: start.map(|head| head.node),
        links,
        length,
        digest: prefix.digest(),
        hash,
    }
}

/// How many pieces lead to a remembered position, if these do.
fn start(pieces: &[Piece], head: &Head, memory: &Memory) -> Option<(usize, Prefix)> {
    let mut length = 0;
    let known = pieces.iter().position(|piece| {
        length += piece.frame.len() + piece.block.len();
        length >= head.length
    })?;
    let known = known + 1;
    let mut prefix = Prefix::new(memory.key());
    for piece in &pieces[..known] {
        prefix.extend(&piece.frame);
        prefix.extend(&piece.block);
    }
    let same = length == head.length && prefix.digest() == head.digest;
    same.then_some((known, prefix))
}
