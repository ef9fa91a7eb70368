import { settleSchemas } from '../../pipelines/cli/settle-schemas.ts';

// Before every file of tests: schemas are there what they are in a command.
settleSchemas();
