"""What each mistake makes of a line: functions that give the line as it then reads."""
