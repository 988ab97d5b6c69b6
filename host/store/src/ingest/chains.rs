//! Positions: which are stored already, and rows for those that are new.

use std::collections::{HashMap, HashSet};

use super::blocks::{Blocks, Content, Scope, by_scope, hash};
use super::ids::Ids;
use super::prepare::{Link, PreparedChain};
use super::statements::{NODES, STORED_NODES};
use crate::Name;
use crate::chain::NodeHash;
use crate::db::{Tx, Value, in_list};
use crate::error::Error;
use crate::search::Source;

/// The positions of a group of exchanges.
#[derive(Default)]
pub(super) struct Chains {
    wanted: HashSet<(Scope, NodeHash)>,
    /// The id of each, and that of its block.
    known: HashMap<(Scope, NodeHash), (i64, i64)>,
    rows: Vec<Vec<Value>>,
}

impl Chains {
    /// Says that the positions of a chain will be needed.
    pub(super) fn want(&mut self, scope: Scope, chain: &PreparedChain) {
        let nodes = chain.links.iter().map(|link| (scope, link.node));
        self.wanted.extend(nodes);
    }

    /// Looks up those that are stored.
    pub(super) async fn look_up(&mut self, tx: &mut Tx) -> Result<(), Error> {
        let wanted = self.wanted.drain();
        for (scope, hashes) in by_scope(wanted) {
            let fixed = [scope.epoch.into(), scope.owner.into()];
            for row in in_list(tx, &STORED_NODES, &fixed, hashes).await? {
                let hash = hash(&row.need_bytes(0)?)?;
                let found = (row.need_int(1)?, row.need_int(2)?);
                self.known.insert((scope, hash), found);
            }
        }
        Ok(())
    }

    /// Says which blocks the positions that are not stored need.
    pub(super) fn want_blocks(&self, scope: Scope, chain: &PreparedChain, blocks: &mut Blocks) {
        for link in &chain.links {
            if !self.known.contains_key(&(scope, link.node)) {
                blocks.want(scope, link.block);
            }
        }
    }

    /// Walks a chain, and adds what is new of it. Returns its last position, and the blocks that it passed.
    pub(super) async fn add(
        &mut self,
        (tx, ids): (&mut Tx, &mut Ids),
        scope: Scope,
        (chain, api): (&PreparedChain, &Name),
        blocks: &mut Blocks,
    ) -> Result<(i64, Vec<i64>), Error> {
        let mut head = chain.start.unwrap_or(0);
        let mut passed = Vec::with_capacity(chain.links.len());
        for link in &chain.links {
            let key = (scope, link.node);
            let (node, block) = match self.known.get(&key) {
                Some(known) => *known,
                None => {
                    let content = content(link, api);
                    let block = blocks.id((tx, ids), scope, &content).await?;
                    let node = ids.next(tx).await?;
                    self.rows.push(row(node, scope, link, (head, block)));
                    self.known.insert(key, (node, block));
                    (node, block)
                }
            };
            head = node;
            if !link.piece.kind.is_empty() {
                passed.push(block);
            }
        }
        Ok((head, passed))
    }

    pub(super) async fn flush(self, tx: &mut Tx) -> Result<(), Error> {
        NODES.run(tx, self.rows).await
    }
}

fn content(link: &Link, api: &Name) -> Content {
    let piece = &link.piece;
    Content {
        hash: link.block,
        api: api.clone(),
        kind: piece.kind.clone(),
        role: piece.role.clone(),
        bytes: piece.block.clone(),
        source: if piece.kind.is_empty() {
            Source::None
        } else {
            Source::Dialect
        },
    }
}

fn row(id: i64, scope: Scope, link: &Link, (parent, block): (i64, i64)) -> Vec<Value> {
    vec![
        id.into(),
        scope.owner.into(),
        scope.epoch.into(),
        link.node.to_vec().into(),
        parent.into(),
        block.into(),
        link.piece.frame.clone().into(),
    ]
}
