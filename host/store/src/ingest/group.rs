//! A group of exchanges on its way into the database: one transaction.

use bytes::Bytes;

use super::blocks::{Blocks, Content, Scope};
use super::chains::Chains;
use super::fresh::Fresh;
use super::ids::Ids;
use super::memory::{Head, Key};
use super::names::{Names, Uses};
use super::prepare::{Place, Prepared, PreparedBody};
use super::rows::{self, Rows};
use super::statements::GROWN;
use crate::db::Tx;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::search::Index;

/// What the rows of a group need.
pub(super) struct Group<'a> {
    tx: &'a mut Tx,
    ids: &'a mut Ids,
    names: &'a mut Names,
    uses: Uses,
    index: Index,
    compress: bool,
    chains: Chains,
    blocks: Blocks,
    rows: Rows,
    /// The sessions that begin in this group.
    fresh: Vec<Fresh>,
}

/// Whose exchange it is, and what it has in common with others, by ids.
#[derive(Clone, Copy)]
pub(super) struct Belongs {
    pub(super) exchange: i64,
    pub(super) scope: Scope,
    pub(super) session: i64,
    pub(super) api: i64,
    pub(super) model: i64,
}

impl<'a> Group<'a> {
    pub(super) fn new(
        tx: &'a mut Tx,
        ids: &'a mut Ids,
        names: &'a mut Names,
        index: Index,
        compress: bool,
    ) -> Self {
        Self {
            tx,
            ids,
            names,
            uses: Uses::default(),
            index,
            compress,
            chains: Chains::default(),
            blocks: Blocks::default(),
            rows: Rows::default(),
            fresh: Vec::new(),
        }
    }

    /// Adds exchanges. Returns where their conversations end.
    pub(super) async fn add(&mut self, group: Vec<Prepared>) -> Result<Vec<(Key, Head)>, Error> {
        let mut all = Vec::with_capacity(group.len());
        for one in group {
            let belongs = self.belongs(&one).await?;
            all.push((one, belongs));
        }
        self.look_up(&all).await?;
        let mut heads = Vec::new();
        for (one, belongs) in &all {
            self.exchange(one, *belongs, &mut heads).await?;
        }
        Ok(heads)
    }

    /// Writes everything. Returns the sessions that begin with it.
    pub(super) async fn flush(self) -> Result<Vec<Fresh>, Error> {
        let shells = self.rows.shells;
        self.uses.flush(self.tx).await?;
        let blocks = self.blocks.flush(self.tx, &self.index, self.compress);
        let grown = shells + blocks.await?;
        self.tx.run(&GROWN, vec![grown.into()]).await?;
        self.chains.flush(self.tx).await?;
        self.rows.flush(self.tx).await?;
        Ok(self.fresh)
    }

    async fn belongs(&mut self, one: &Prepared) -> Result<Belongs, Error> {
        let exchange = &one.exchange;
        let at = exchange.received_at;
        let owner = match &exchange.caller {
            Some(caller) => self.name("caller", 0, caller, at).await?,
            None => 0,
        };
        let model = match &exchange.model {
            Some(model) => self.name("model", 0, model, at).await?,
            None => 0,
        };
        let whose = (owner, &exchange.session);
        let db = (&mut *self.tx, &mut *self.ids);
        let (session, is_new) = self.names.session(db, &mut self.uses, whose, at).await?;
        let epoch = one.epoch;
        let scope = Scope { epoch, owner };
        if is_new {
            self.fresh.extend(Fresh::new(session, scope, exchange));
        }
        Ok(Belongs {
            exchange: self.ids.next(self.tx).await?,
            scope,
            session,
            api: self.name("api", 0, &exchange.api, at).await?,
            model,
        })
    }

    async fn name(
        &mut self,
        what: &'static str,
        parent: i64,
        name: &str,
        at: u64,
    ) -> Result<i64, Error> {
        let db = (&mut *self.tx, &mut *self.ids);
        let name = (what, parent, name);
        self.names.id(db, &mut self.uses, name, at).await
    }

    /// Asks the database at once for everything that it may have already.
    async fn look_up(&mut self, all: &[(Prepared, Belongs)]) -> Result<(), Error> {
        for (one, belongs) in all {
            for chain in one.bodies.iter().flat_map(|body| &body.chains) {
                self.chains.want(belongs.scope, chain);
            }
        }
        self.chains.look_up(self.tx).await?;
        for (one, belongs) in all {
            for chain in one.bodies.iter().flat_map(|body| &body.chains) {
                self.chains
                    .want_blocks(belongs.scope, chain, &mut self.blocks);
            }
            for content in one.contents() {
                self.blocks.want(belongs.scope, content.hash);
            }
        }
        self.blocks.look_up(self.tx).await
    }

    async fn exchange(
        &mut self,
        one: &Prepared,
        belongs: Belongs,
        heads: &mut Vec<(Key, Head)>,
    ) -> Result<(), Error> {
        let exchange = &one.exchange;
        self.rows.exchanges.push(rows::exchange(exchange, belongs));
        let mut bodies = Vec::with_capacity(one.bodies.len());
        for body in &one.bodies {
            bodies.push(self.body(exchange, body, belongs, heads).await?);
        }
        let id = belongs.exchange;
        let places = one.messages.iter().map(|(place, _)| *place);
        self.rows
            .headers
            .push(rows::headers(exchange, id, places, self.compress));
        for (place, body) in &one.messages {
            self.message((exchange, id), *place, bodies[*body]);
        }
        for attempt in &exchange.attempts {
            let upstream = self.name("upstream", 0, &attempt.upstream, exchange.received_at);
            let row = rows::attempt(id, attempt, upstream.await?);
            self.rows.attempts.push(row);
        }
        for (block, content) in exchange.reply.iter().zip(&one.reply) {
            let content = self.content(belongs, Some(content)).await?;
            self.seen(content, belongs);
            self.rows
                .reply_blocks
                .push(rows::reply_block(id, block, content));
        }
        self.verdicts(one, belongs).await
    }

    async fn body(
        &mut self,
        exchange: &Exchange,
        body: &PreparedBody,
        belongs: Belongs,
        heads: &mut Vec<(Key, Head)>,
    ) -> Result<i64, Error> {
        let id = self.ids.next(self.tx).await?;
        let shell = body.shell.as_ref();
        let shell = shell.map(|shell| shell.encode(self.compress));
        self.rows.shells += shell.as_ref().map_or(0, Bytes::len);
        self.rows
            .bodies
            .push(rows::body(id, belongs.exchange, body, shell));
        let scope = belongs.scope;
        for (number, chain) in body.chains.iter().enumerate() {
            let db = (&mut *self.tx, &mut *self.ids);
            let what = (chain, &exchange.api);
            let added = self.chains.add(db, scope, what, &mut self.blocks);
            let (node, passed) = added.await?;
            for block in passed {
                self.seen(Some(block), belongs);
            }
            let row = vec![id.into(), number.into(), node.into()];
            self.rows.parts.push(row);
            let head = Head {
                epoch: scope.epoch,
                length: chain.length,
                digest: chain.digest,
                node,
                hash: chain.hash,
            };
            heads.push((chain.key.clone(), head));
        }
        Ok(id)
    }

    fn message(&mut self, exchange: (&Exchange, i64), place: Place, body: i64) {
        if let Some(message) = place.of(exchange.0) {
            let row = rows::message(exchange, place, message, body, self.compress);
            self.rows.messages.push(row);
        }
    }

    async fn verdicts(&mut self, one: &Prepared, belongs: Belongs) -> Result<(), Error> {
        let exchange = &one.exchange;
        let at = exchange.received_at;
        let contents = exchange.verdicts.iter().zip(&one.verdicts);
        for (number, (verdict, (before, after))) in contents.enumerate() {
            let policy = self.name("policy", 0, &verdict.policy, at).await?;
            let revision = self.name("revision", policy, &verdict.revision, at).await?;
            let rule = match &verdict.rule {
                Some(rule) => self.name("rule", policy, rule, at).await?,
                None => 0,
            };
            let before = self.content(belongs, before.as_ref()).await?;
            let after = self.content(belongs, after.as_ref()).await?;
            let ids = rows::VerdictIds {
                policy,
                revision,
                rule,
                before,
                after,
            };
            let id = belongs.exchange;
            let row = rows::verdict(id, number, verdict, &ids);
            self.rows.verdicts.push(row);
            self.rows.judged.push(rows::judged(id, verdict, &ids, at));
        }
        Ok(())
    }

    async fn content(
        &mut self,
        belongs: Belongs,
        content: Option<&Content>,
    ) -> Result<Option<i64>, Error> {
        let Some(content) = content else {
            return Ok(None);
        };
        let db = (&mut *self.tx, &mut *self.ids);
        self.blocks.id(db, belongs.scope, content).await.map(Some)
    }

    fn seen(&mut self, block: Option<i64>, belongs: Belongs) {
        if let Some(block) = block {
            let row = vec![
                block.into(),
                belongs.session.into(),
                belongs.exchange.into(),
            ];
            self.rows.seen.push(row);
        }
    }
}
