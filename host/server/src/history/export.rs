//! Exchanges for people and for machines: a document in Markdown, or JSON Lines. From the oldest to the newest.
//!
//! An export is pulled piece by piece and keeps no more than it works on: a page of ids, and of Markdown the text of one
//! exchange, of JSON Lines a piece of one body. So it costs little memory whatever its size, and waits for its reader.

mod body;
mod erased;
mod ids;
mod line;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use bytes::Bytes;
use sluice_api::ExportFormat;
use sluice_store::{self as store, Filter, Store};
use uuid::Uuid;

use super::Error;
use super::markdown::Markdown;
use erased::Erased;
use ids::Ids;
use line::Line;

/// An export on its way.
pub struct Export {
    store: Store,
    ids: Ids,
    form: Form,
    erased: Erased,
}

enum Form {
    Markdown(Markdown),
    /// The line that is being written, if there is one.
    Lines(Line),
    /// Nothing more comes.
    Over,
}

impl Export {
    /// Begins an export of all exchanges that a filter lets through.
    pub fn new(store: &Store, filter: Filter, format: ExportFormat) -> Self {
        Self::begin(store, Ids::of(filter, VecDeque::new()), format)
    }

    /// The same, and if `joined`, for a session together with those that it continues, from the first of them on. If the filter
    /// names no session, all of them are in it anyway.
    ///
    /// # Errors
    ///
    /// If the filter names a session that does not exist.
    pub async fn asked(
        store: &Store,
        filter: Filter,
        joined: bool,
        format: ExportFormat,
    ) -> Result<Self, Error> {
        let Some(session) = filter.session.filter(|_| joined) else {
            return Ok(Self::new(store, filter, format));
        };
        let of = |session| Filter {
            session: Some(session),
            ..filter.clone()
        };
        let all = store.sessions_up_to(session).await?;
        let mut filters: VecDeque<_> = all.into_iter().map(of).collect();
        let first = filters.pop_front().ok_or(Error::NoSession(session))?;
        Ok(Self::begin(store, Ids::of(first, filters), format))
    }

    /// Begins an export of one exchange.
    ///
    /// # Errors
    ///
    /// If there is no such exchange.
    pub async fn of_one(store: &Store, id: Uuid, format: ExportFormat) -> Result<Self, Error> {
        let found = store.exchange(id).await?;
        found.ok_or(Error::NoExchange(id))?;
        Ok(Self::begin(store, Ids::one(id), format))
    }

    fn begin(store: &Store, ids: Ids, format: ExportFormat) -> Self {
        let form = match format {
            ExportFormat::Markdown => Form::Markdown(Markdown::new(store.clone())),
            ExportFormat::Jsonl => Form::Lines(Line::default()),
        };
        Self {
            store: store.clone(),
            ids,
            form,
            erased: Erased::default(),
        }
    }

    /// The next piece. `None` at the end. The last one says what is missing because it was erased meanwhile.
    ///
    /// # Errors
    ///
    /// If the database fails, or if a body is erased while it is read. The export is incomplete then.
    pub async fn next(&mut self) -> Result<Option<Bytes>, store::Error> {
        loop {
            if let Form::Lines(line) = &mut self.form
                && let Some(piece) = line.next(&self.store, &mut self.erased).await?
            {
                return Ok(Some(piece));
            }
            let Some(id) = self.ids.next(&self.store).await? else {
                return Ok(self.end());
            };
            // It may have been erased since the list was read.
            let Some(record) = self.store.exchange(id).await? else {
                self.erased.exchanges += 1;
                continue;
            };
            match &mut self.form {
                Form::Markdown(document) => match document.exchange(&record).await {
                    Err(store::Error::Gone) => self.erased.exchanges += 1,
                    text => return text.map(|text| Some(text.into())),
                },
                Form::Lines(line) => *line = Line::begin(record),
                Form::Over => return Ok(None),
            }
        }
    }

    fn end(&mut self) -> Option<Bytes> {
        let last = match std::mem::replace(&mut self.form, Form::Over) {
            Form::Markdown(document) => {
                let calls = match self.ids.is_one() {
                    true => document.calls(),
                    false => document.finish(),
                };
                calls + &self.erased.paragraph()
            }
            Form::Lines(_) => self.erased.line(),
            Form::Over => String::new(),
        };
        (!last.is_empty()).then(|| last.into())
    }
}
