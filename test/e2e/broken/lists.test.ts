import { lists } from './lists.ts';
import { refuseAll } from './refuse.ts';

refuseAll(lists);
