(** From triplets of points to triplets of collections (Euclidean): G.

    x, z       anchors and positives of one class;  w  negatives of another
    mu         the margin of every triplet: d(x_i, z_j) <= d(x_i, w_k) - mu; G needs no sign of mu
    The centroids keep the margin, up to the spreads of the positives and of the negatives. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Inner Euclid Lower.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

Lemma margin_left (R : realFieldType) (D E K Vx Vz Vw : R) :
  D + Vx + Vz <= E + Vx + Vw - K -> K + Vz - Vw <= E - D.
Proof.
rewrite -subr_ge0 => leDE; rewrite -subr_ge0.
by have -> : E - D - (K + Vz - Vw) = E + Vx + Vw - K - (D + Vx + Vz) by ring.
Qed.

(** G. *)
Theorem G (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) <= dist ip (x i) (w k) - mu) ->
  mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) dist ip (x i) (w k)) - mu) + spread ip p z - spread ip q w
  <= dist ip (centroid n x) (centroid q w) ^+ 2 - dist ip (centroid n x) (centroid p z) ^+ 2.
Proof.
move=> sym scale add ge0 n p q x z w mu margin; have ipP := SemiInner sym scale add ge0.
have := mean_squares_le (fun i j => norm_ge0 ip (x i - z j)) margin.
rewrite (huygens_pairs ipP x z) (huygens_pairs ipP x w).
exact: margin_left.
Qed.

(** G in terms of the triplet premise's m, which is minus the margin. *)
Theorem group (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) - dist ip (x i) (w k) <= m) ->
  - (m * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) dist ip (x i) (w k)) + m)) + spread ip p z - spread ip q w
  <= dist ip (centroid n x) (centroid q w) ^+ 2 - dist ip (centroid n x) (centroid p z) ^+ 2.
Proof.
move=> sym scale add ge0 n p q x z w m premise; rewrite -mulNr -{2}(opprK m).
by apply: G => // i j k; rewrite opprK -ler_subl_addl.
Qed.

(** A ranking of collections: if the negatives spread no more than the positives and the margin allow, the centroid
    of the positives is the nearer one. *)
Theorem G_ranking (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), dist ip (x i) (z j) <= dist ip (x i) (w k) - mu) ->
  0 <= mu -> spread ip q w <= mu ^+ 2 + spread ip p z ->
  dist ip (centroid n x) (centroid p z) <= dist ip (centroid n x) (centroid q w).
Proof.
move=> sym scale add ge0 n p q x z w mu margin mu_ge0 spreads.
rewrite -ler_sqr ?nnegrE ?norm_ge0 // -subr_ge0.
apply: le_trans (G sym scale add ge0 margin); rewrite subr_ge0; apply: le_trans spreads _.
rewrite ler_add2r expr2; apply: ler_wpmul2l => //.
rewrite ler_subr_addr -mulr2n -[mu *+ 2]mulr_natl ler_pmul2l ?ltr0n //.
apply: le_mean => i; apply: le_mean => k; rewrite -subr_ge0.
exact: le_trans (norm_ge0 _ _) (margin i ord0 k).
Qed.
