extern int ts_placeholder;
