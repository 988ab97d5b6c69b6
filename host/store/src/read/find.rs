//! Search: where words stand, with a piece of the text around them.

use super::body::ContentId;
use super::filter::{Filter, Page, Paged};
use super::list::summaries;
use super::summary::Summary;
use crate::error::Error;
use crate::search::{self, Index, Query, Snippet};
use crate::store::Store;
use crate::work::off_thread;

/// A block that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The first exchange of a session that has the block.
    pub exchange: Summary,
    /// The block.
    pub content: ContentId,
    /// What it is.
    pub kind: String,
    /// Who said it.
    pub role: Option<String>,
    /// The piece of its text that shows what was found.
    pub snippet: Snippet,
}

impl Store {
    /// A page of the blocks with these words, in the order of their exchanges. Words in double quotes are a phrase.
    /// The filter's own text must be found in the same exchange.
    pub async fn search(
        &self,
        text: &str,
        filter: &Filter,
        page: &Page,
    ) -> Result<Paged<Hit>, Error> {
        let mut tx = self.database.read().await?;
        let (places, next) = self.found(&mut tx, (Some(text), filter), page).await?;
        let Some(words) = Query::new(text) else {
            return Ok(Paged::empty());
        };
        let summaries = summaries(&mut tx, &places).await?;
        let mut entries = Vec::with_capacity(places.len());
        for place in places {
            let content = place.place;
            let exchange = summaries.get(&place.id).ok_or(Error::Gone)?;
            let found = search::load(&mut tx, content).await?.ok_or(Error::Gone)?;
            let (index, words) = (Index::new(&self.words), words.clone());
            // One block at a time: a page of large ones must not be in memory at once.
            let snippet = move || {
                let snippet = Snippet::new(&found.text(&index), &words);
                (found.kind, found.role, snippet)
            };
            let (kind, role, snippet) = off_thread(snippet).await?;
            entries.push(Hit {
                exchange: exchange.clone(),
                content: ContentId(content),
                kind,
                role,
                snippet,
            });
        }
        Ok(Paged { entries, next })
    }
}
