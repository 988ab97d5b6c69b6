//! The OpenAPI document of `/api/v1`, which the handlers' own declarations make up.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use sluice_api::{PROBLEM_TYPE, Problem};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, Ref, ResponseBuilder};

/// What the document says before any handler is added to it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sluice",
        description = "What operators ask a running Sluice. Each request carries the admin key.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "http://127.0.0.1:8081", description = "The default of `--admin-listen`")),
    components(schemas(Problem)),
    security(("bearer" = []), ("x-api-key" = []))
)]
struct Head;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut document = super::routes().into_openapi();
    document.merge(super::routes_without_key().into_openapi());
    let components = document.components.get_or_insert_with(Components::new);
    describe_key(components);
    describe_problems(components);
    let items = document.paths.paths.values_mut();
    items.flat_map(operations).for_each(refer_to_problems);
    let mut text = document
        .to_pretty_json()
        .expect("the document is made of declarations that are JSON");
    text.push('\n');
    text
});

/// The document that the routes are added to.
pub(super) fn head() -> utoipa::openapi::OpenApi {
    Head::openapi()
}

/// The whole document as JSON, with a line feed at the end.
pub fn openapi() -> &'static str {
    &DOCUMENT
}

/// Returns this document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "process",
    responses((status = 200, description = "The document.", body = Object, content_type = "application/json"))
)]
pub(super) async fn document() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], openapi()).into_response()
}

fn describe_key(components: &mut Components) {
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("bearer", bearer);
    let header = ApiKey::Header(ApiKeyValue::new("x-api-key"));
    components.add_security_scheme("x-api-key", SecurityScheme::ApiKey(header));
}

/// Any request can be refused, so each operation may answer with a problem.
fn describe_problems(components: &mut Components) {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description("What is wrong, as problem details (RFC 9457).")
        .content(PROBLEM_TYPE, content)
        .build();
    components
        .responses
        .insert("Problem".to_owned(), response.into());
}

/// All that can be asked at a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
    ];
    all.into_iter().flatten()
}

fn refer_to_problems(operation: &mut Operation) {
    let problem = Ref::from_response_name("Problem");
    let responses = &mut operation.responses.responses;
    responses.insert("default".to_owned(), problem.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_document_is_up_to_date() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let shipped = std::fs::read_to_string(file).unwrap();
        assert!(shipped == openapi(), "write it anew: cargo xtask docs");
    }

    #[test]
    fn each_operation_says_what_it_is_and_that_it_may_answer_with_a_problem() {
        let document: serde_json::Value = serde_json::from_str(openapi()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.contains_key("/api/v1/status"));
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path}");
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.keys().any(|status| status.starts_with('2')));
                let problem = &responses["default"]["$ref"];
                assert_eq!(problem, "#/components/responses/Problem", "{path}");
            }
        }
    }
}
