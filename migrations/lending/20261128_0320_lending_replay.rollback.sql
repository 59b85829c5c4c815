DROP TYPE lending.replayed;
DROP TYPE lending.replay_state;
DROP INDEX lending.movements_restated_idx;
