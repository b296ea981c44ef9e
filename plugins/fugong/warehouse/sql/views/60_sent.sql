-- What one department sent and what became of it, for the pages of departments. The pages name the department in `fugong.department`
-- for each request; without it these views are empty.
CREATE OR REPLACE VIEW sent.submission WITH (security_barrier) AS
SELECT submission.*
FROM intake.submission
WHERE department_code = current_setting('fugong.department', true);

CREATE OR REPLACE VIEW sent.part WITH (security_barrier) AS
SELECT part.*
FROM intake.part
INNER JOIN sent.submission USING (submission_id);

CREATE OR REPLACE VIEW sent.finding WITH (security_barrier) AS
SELECT finding.*
FROM intake.finding
INNER JOIN sent.submission USING (submission_id);

CREATE OR REPLACE VIEW sent.set_aside_row WITH (security_barrier) AS
SELECT set_aside_row.*
FROM intake.set_aside_row
INNER JOIN sent.submission USING (submission_id);

CREATE OR REPLACE VIEW sent.question WITH (security_barrier) AS
SELECT question.*
FROM intake.question
WHERE department_code = current_setting('fugong.department', true);

CREATE OR REPLACE VIEW sent.answer WITH (security_barrier) AS
SELECT answer.*
FROM intake.answer
INNER JOIN sent.question USING (question_id);
