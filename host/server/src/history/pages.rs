//! Goes over a list page by page.

use std::future::Future;

use sluice_api::Page;

/// Where a reader of a list stands.
#[derive(Debug)]
pub struct Pages {
    after: Option<String>,
    is_over: bool,
}

impl Pages {
    /// Begins before the first page.
    pub fn new() -> Self {
        Self {
            after: None,
            is_over: false,
        }
    }

    /// Returns the entries of the next page. `page` asks for the page that follows on a token, or for the first.
    /// Returns `None` behind the last one.
    ///
    /// # Errors
    ///
    /// That of `page`. The reader then stands where it stood.
    pub async fn next<T, E, F>(
        &mut self,
        page: impl FnOnce(Option<String>) -> F,
    ) -> Result<Option<Vec<T>>, E>
    where
        F: Future<Output = Result<Page<T>, E>>,
    {
        if self.is_over {
            return Ok(None);
        }
        let Page { entries, next } = page(self.after.clone()).await?;
        self.is_over = next.is_none();
        self.after = next;
        Ok(Some(entries))
    }
}

impl Default for Pages {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of the numbers below ten.
    async fn numbers(after: Option<String>) -> Result<Page<u32>, &'static str> {
        let from: u32 = after.map_or(0, |token| token.parse().unwrap());
        let entries: Vec<_> = (from..10).take(4).collect();
        let next = from + 4;
        Ok(Page {
            entries,
            next: (next < 10).then(|| next.to_string()),
        })
    }

    #[tokio::test]
    async fn each_page_comes_once_and_one_that_failed_comes_again() {
        let mut pages = Pages::new();
        let mut all = pages.next(numbers).await.unwrap().unwrap();
        let failed = pages.next(async |_| Err::<Page<u32>, _>("no")).await;
        assert_eq!(failed, Err("no"));
        while let Some(entries) = pages.next(numbers).await.unwrap() {
            all.extend(entries);
        }
        assert_eq!(all, (0..10).collect::<Vec<_>>());
        assert_eq!(pages.next(numbers).await, Ok(None));
    }
}
