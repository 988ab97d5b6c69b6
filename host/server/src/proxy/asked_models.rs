//! The models that a request asks for: in its body, its path, its query.
//!
//! Servers differ in which of these they obey, so a key has to allow all of them.

use axum::http::Uri;
use url::form_urlencoded;

use crate::auth::{Admitted, NotAllowed};
use crate::routes;

/// Checks whether a caller may ask for the models that a request names. Where the path names one, the body may have none.
pub(super) fn check(admitted: &Admitted, uri: &Uri, in_body: &str) -> Result<(), NotAllowed> {
    let in_path = routes::model_in(uri.path());
    if let Some(model) = in_path {
        admitted.check_model(model)?;
    }
    if in_path.is_none() || !in_body.is_empty() {
        admitted.check_model(in_body)?;
    }
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut in_query = pairs.filter(|(name, _)| name.eq_ignore_ascii_case("model"));
    in_query.try_for_each(|(_, model)| admitted.check_model(&model))
}
