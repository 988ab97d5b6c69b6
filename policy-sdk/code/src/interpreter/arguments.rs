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

impl Interpreter<'_> {
    /// Records a call.
    pub(crate) fn report(&mut self, target: &Target, arguments: &[Value]) {
        let all = self.product(arguments.iter(), DEEPEST);
        for arguments in all {
            let arguments = arguments
                .into_iter()
                .map(|json| json.unwrap_or(Json::Null))
                .collect();
            if !self.spend(STEPS_OF_A_CALL) {
                return;
            }
            self.report.add(Call {
                target: target.clone(),
                arguments,
            });
        }
    }

    /// Returns all possible values as JSON. `None` is a value that JSON leaves out.
    pub(crate) fn json(&mut self, value: &Value, depth: usize) -> Vec<Option<Json>> {
        if !self.spend(1) || depth == 0 {
            return vec![Some(unknown())];
        }
        match value {
            Value::Null => vec![Some(Json::Null)],
            Value::Undefined | Value::Absent => vec![None],
            Value::Bool(value) => vec![Some(Json::Bool(*value))],
            Value::Number(number) => vec![Some(number_json(*number))],
            Value::Text(text) => {
                self.spend(text.len() / 64);
                vec![Some(Json::String(text.to_string()))]
            }
            Value::Unknown | Value::Path(_) => vec![Some(unknown())],
            Value::OneOf(values) => {
                let mut all = Vec::new();
                for value in values.iter() {
                    for json in self.json(value, depth - 1) {
                        if !all.contains(&json) {
                            all.push(json);
                        }
                    }
                }
                if all.len() > MOST {
                    self.heap.exceed(Bound::Alternatives);
                    all.truncate(MOST);
                }
                all
            }
            Value::Object(id) => {
                let to_json = self.get(value, "toJSON");
                if self.heap.as_function(&to_json).is_some() {
                    let value = self.call(&to_json, value.clone(), Vec::new());
                    return self.json(&value, depth - 1);
                }
                match &self.heap.get(*id).kind {
                    Kind::List(values, is_open) => {
                        let (values, is_open) = (values.clone(), *is_open);
                        self.list_json(&values, is_open, depth)
                    }
                    Kind::Plain => self.fields_json(*id, value, depth),
                    Kind::Pattern(..) => vec![Some(Json::Object(Map::new()))],
                    Kind::Function(_) | Kind::Bound { .. } => vec![None],
                }
            }
        }
    }

    fn list_json(&mut self, values: &[Value], is_open: bool, depth: usize) -> Vec<Option<Json>> {
        let undefined = |value: &Value| {
            if *value == Value::Undefined {
                Value::Null
            } else {
                value.clone()
            }
        };
        let values: Vec<Value> = values.iter().map(undefined).collect();
        let lists = self.product(values.iter(), depth - 1);
        let list = |list: Vec<Option<Json>>| {
            let more = is_open.then(unknown);
            Some(Json::Array(
                list.into_iter().flatten().chain(more).collect(),
            ))
        };
        lists.into_iter().map(list).collect()
    }

    fn fields_json(&mut self, id: Id, this: &Value, depth: usize) -> Vec<Option<Json>> {
        let fields = self.heap.get(id).fields.clone();
        let mut values = Vec::new();
        for field in &fields {
            values.push(self.value_of_field(id, field, this));
        }
        let object = |values: Vec<Option<Json>>| {
            let named = fields.iter().zip(values);
            Json::Object(
                named
                    .filter_map(|(field, value)| Some((field.name.to_string(), value?)))
                    .collect(),
            )
        };
        let all = self.product(values.iter(), depth - 1);
        all.into_iter().map(|values| Some(object(values))).collect()
    }

    /// Returns all combinations of the possible values.
    fn product<'v>(
        &mut self,
        values: impl Iterator<Item = &'v Value>,
        depth: usize,
    ) -> Vec<Vec<Option<Json>>> {
        let mut all = vec![Vec::new()];
        for value in values {
            let mut choices = self.json(value, depth);
            if all.len() * choices.len() > MOST {
                // Too many combinations: this value counts as unknown, and the bound is reported.
                self.heap.exceed(Bound::Alternatives);
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
