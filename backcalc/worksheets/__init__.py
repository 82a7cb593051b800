"""What is handed out: worksheets, variants, questions for Moodle."""
