//! Reports calls, with each possible value of their arguments.

use serde_json::{Map, Number, Value as Json};

use super::Interpreter;
use crate::heap::Kind;
use crate::value::{Id, MOST, Value};
use crate::{Bound, Call, Target, UNKNOWN};

/// The steps that a call takes. Most of its cost is that of judging it.
const STEPS_OF_A_CALL: usize = 60;
/// How deeply arguments may be nested.
const DEEPEST: usize = 16;

/// A call that is to be reported.
pub(crate) struct Reporting<'v> {
    target: &'v Target,
    arguments: &'v [Value],
}

impl<'v> Reporting<'v> {
    pub(crate) fn new(target: &'v Target, arguments: &'v [Value]) -> Self {
        Self { target, arguments }
    }

    /// Adds the call to the report, once for each combination of its arguments' values.
    pub(crate) fn add(&self, it: &mut Interpreter<'_>) {
        let all = Serializer { depth: DEEPEST }.product(self.arguments.iter(), it);
        for arguments in all {
            let arguments = arguments
                .into_iter()
                .map(|json| json.unwrap_or(Json::Null))
                .collect();
            if !it.spend(STEPS_OF_A_CALL) {
                return;
            }
            it.report.add(Call {
                target: self.target.clone(),
                arguments,
            });
        }
    }
}

/// Makes JSON of values that are nested no deeper than `depth`.
#[derive(Clone, Copy)]
pub(crate) struct Serializer {
    pub(crate) depth: usize,
}

impl Serializer {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth - 1,
        }
    }

    /// Returns all possible values as JSON. `None` is a value that JSON leaves out.
    pub(crate) fn values(self, value: &Value, it: &mut Interpreter<'_>) -> Vec<Option<Json>> {
        if !it.spend(1) || self.depth == 0 {
            return vec![Some(unknown())];
        }
        match value {
            Value::Null => vec![Some(Json::Null)],
            Value::Undefined | Value::Absent => vec![None],
            Value::Bool(value) => vec![Some(Json::Bool(*value))],
            Value::Number(number) => vec![Some(number_json(*number))],
            Value::Text(text) => {
                it.spend(text.len() / 64);
                vec![Some(Json::String(text.to_string()))]
            }
            Value::Unknown | Value::Path(_) => vec![Some(unknown())],
            Value::OneOf(values) => {
                let mut all = Vec::new();
                for value in values.iter() {
                    for json in self.deeper().values(value, it) {
                        if !all.contains(&json) {
                            all.push(json);
                        }
                    }
                }
                if all.len() > MOST {
                    it.heap.exceed(Bound::Alternatives);
                    all.truncate(MOST);
                }
                all
            }
            Value::Object(id) => {
                let to_json = it.get(value, "toJSON");
                if it.heap.as_function(&to_json).is_some() {
                    let value = it.call(&to_json, value.clone(), Vec::new());
                    return self.deeper().values(&value, it);
                }
                match &it.heap.get(*id).kind {
                    Kind::List(values, is_open) => {
                        let (values, is_open) = (values.clone(), *is_open);
                        self.lists(&values, is_open, it)
                    }
                    Kind::Plain => self.objects(*id, value, it),
                    Kind::Pattern(..) => vec![Some(Json::Object(Map::new()))],
                    Kind::Function(_) | Kind::Bound { .. } => vec![None],
                }
            }
        }
    }

    fn lists(self, values: &[Value], is_open: bool, it: &mut Interpreter<'_>) -> Vec<Option<Json>> {
        let undefined = |value: &Value| {
            if *value == Value::Undefined {
                Value::Null
            } else {
                value.clone()
            }
        };
        let values: Vec<Value> = values.iter().map(undefined).collect();
        let lists = self.deeper().product(values.iter(), it);
        let list = |list: Vec<Option<Json>>| {
            let more = is_open.then(unknown);
            Some(Json::Array(
                list.into_iter().flatten().chain(more).collect(),
            ))
        };
        lists.into_iter().map(list).collect()
    }

    fn objects(self, id: Id, this: &Value, it: &mut Interpreter<'_>) -> Vec<Option<Json>> {
        let fields = it.heap.get(id).fields.clone();
        let mut values = Vec::new();
        for field in &fields {
            values.push(field.read(id, this, it));
        }
        let object = |values: Vec<Option<Json>>| {
            let named = fields.iter().zip(values);
            Json::Object(
                named
                    .filter_map(|(field, value)| Some((field.name.to_string(), value?)))
                    .collect(),
            )
        };
        let all = self.deeper().product(values.iter(), it);
        all.into_iter().map(|values| Some(object(values))).collect()
    }

    /// Returns all combinations of the possible values.
    fn product<'v>(
        self,
        values: impl Iterator<Item = &'v Value>,
        it: &mut Interpreter<'_>,
    ) -> Vec<Vec<Option<Json>>> {
        let mut all = vec![Vec::new()];
        for value in values {
            let mut choices = self.values(value, it);
            if all.len() * choices.len() > MOST {
                // Too many combinations: this value counts as unknown, and the bound is reported.
                it.heap.exceed(Bound::Alternatives);
                choices = vec![Some(unknown())];
            }
            all = match <[Option<Json>; 1]>::try_from(choices) {
                Ok([choice]) => {
                    all.iter_mut()
                        .for_each(|so_far| so_far.push(choice.clone()));
                    all
                }
                Err(choices) => {
                    let longer = |so_far: &Vec<Option<Json>>, choice: &Option<Json>| {
                        let mut longer = so_far.clone();
                        longer.push(choice.clone());
                        longer
                    };
                    all.iter()
                        .flat_map(|so_far| choices.iter().map(|choice| longer(so_far, choice)))
                        .collect()
                }
            };
        }
        all
    }
}

fn unknown() -> Json {
    Json::String(UNKNOWN.to_string())
}

fn number_json(number: f64) -> Json {
    let whole = number as i64;
    if whole as f64 == number && number.abs() < 9e15 {
        return Json::from(whole);
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}
