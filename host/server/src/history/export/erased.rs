//! What an export misses because it was erased while it was written.

use serde::Serialize;

use super::line::VERSION;

/// What was in the list, and gone when its turn came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Erased {
    /// Exchanges of which nothing is told.
    pub(super) exchanges: u64,
    /// Bodies that stand as not kept in the lines of their exchanges.
    pub(super) bodies: u64,
}

/// The last line of an export from which something is missing.
#[derive(Serialize)]
struct Last {
    version: u32,
    erased: Erased,
}

impl Erased {
    fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// The end of a document. Empty if nothing is missing.
    pub(super) fn paragraph(self) -> String {
        match self.exchanges {
            0 => String::new(),
            1 => "> 1 exchange is missing: it was erased while this was written\n".to_owned(),
            many => {
                format!("> {many} exchanges are missing: they were erased while this was written\n")
            }
        }
    }

    /// The last line of JSON Lines. Empty if nothing is missing.
    pub(super) fn line(self) -> String {
        if self.is_nothing() {
            return String::new();
        }
        let last = Last {
            version: VERSION,
            erased: self,
        };
        serde_json::to_string(&last).expect("numbers are JSON") + "\n"
    }
}
