//! `OpenAI` Responses (`POST /v1/responses`), whole and streamed.
//!
//! The API's own words rule in here: items, content parts, events. What leaves this folder speaks of
//! [`Block`](crate::Block)s.

mod answer;
mod call;
mod entry;
mod event;
mod inquiry;
mod item;
mod line;
mod made;
mod queue;
mod request;
mod response;
mod said;
mod same;
mod stream;
mod turn;
mod whole;
mod wire;

pub use answer::answer;
pub use request::Request;
pub use stream::Stream;
pub use whole::Whole;
