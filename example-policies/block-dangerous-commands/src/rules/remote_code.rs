//! A download that is run before anyone has read it.

use crate::finding::Finding;

/// The finding for a download that is run.
pub(super) fn finding(argv: &[String]) -> Finding {
    let message = "This would run code straight from a download, before anyone has read it.";
    Finding::new("remote-code.download-and-run", message.to_owned(), argv)
}
