import { generation1 } from './generation-1.ts';
import { refuseAll } from './refuse.ts';

refuseAll(generation1);
