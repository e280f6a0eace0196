/* One line per command, in the order of `holograd help`; no include guard. */
CLI_CMD(train)
CLI_CMD(evaluate)
CLI_CMD(gradcheck)
CLI_CMD(check)
CLI_CMD(list)
CLI_CMD(help)
CLI_CMD(schema)
CLI_CMD(version)
